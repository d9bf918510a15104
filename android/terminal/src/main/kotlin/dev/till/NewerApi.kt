package dev.till

/** Marks what is only called on Android versions from [api] on: the API's check lets it pass. */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.CLASS, AnnotationTarget.CONSTRUCTOR)
internal annotation class NewerApi(val api: Int)
