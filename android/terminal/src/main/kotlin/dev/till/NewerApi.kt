package dev.till

/** Marks what is only called on Android versions from [api] on; the check of the API lets it pass. */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.CLASS, AnnotationTarget.CONSTRUCTOR)
internal annotation class NewerApi(val api: Int)
