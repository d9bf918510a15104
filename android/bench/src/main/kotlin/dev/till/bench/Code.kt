package dev.till.bench

import dev.till.PaymentRequest
import dev.till.Till
import dev.till.TillEvent
import dev.till.TillSettings
import dev.till.TillStage
import dev.till.platform.KeptText
import dev.till.platform.Opening
import dev.till.platform.Vault
import java.io.File
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking

/** Keeps settings as the settings screen does, for processes that open the terminal with them. */
internal fun keep(folder: File, baseUrl: String, roots: File) {
    val settings = TillSettings.Builder()
        .set("currency", "UZS")
        .set("sandbox", "true")
        .set("octo_base_url", baseUrl)
        .set("octo_client_id", "till-sandbox")
        .set("octo_client_secret", "sandbox-secret")
        .set("octo_user_id", "208800000000000001")
        .set("octo_extra_roots", roots.readText())
        .build()
    val device = Device(folder)
    val vault = Vault(Opening.own(device, "settings"), device.keys)
    val failure = vault.write(KeptText.write(settings))
    check(failure == null) { "$failure" }
}

/** Opens the terminal of a process that begins, with what is kept, and takes its first payment. */
internal fun code(folder: File) {
    val device = Device(folder)
    Opening.keys = device.keys
    device.isUp()
    val began = System.nanoTime()
    val ns = runBlocking {
        Till.open(device)
        val request = PaymentRequest.Builder(12_500, "Coffee").requestId("r-1").build()
        Till.payment(request).first { it is TillEvent.Progress && it.stage is TillStage.CodeShown }
        System.nanoTime() - began
    }
    tellBoot()
    tell("code", ns)
}
