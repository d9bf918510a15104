package dev.till.terminal

/** Marks what is only called on Android versions from [api] on: the API's check lets it pass. */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.CLASS)
internal annotation class NewerApi(val api: Int)
