package dev.till;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertTrue;

import android.content.Context;
import android.os.Looper;
import dev.till.testing.TillRunner;
import java.io.File;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import kotlin.coroutines.Continuation;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.Shadows;
import org.robolectric.annotation.Config;

/** The terminal as an app in Java uses it: no coroutine in sight. */
@RunWith(TillRunner.class)
@Config(sdk = 34)
public class TillJavaTest {
    private final Context context = RuntimeEnvironment.getApplication();
    private Sandbox bank;

    @Before
    public void start() {
        bank = new Sandbox();
        this.<Void>ask(TillJava::stop).value();
    }

    @After
    public void stop() {
        this.<Void>ask(TillJava::stop).value();
        bank.close();
    }

    /** Is a reply that came on the main thread. */
    private static final class Heard<T> implements TillReply<T>, TillCallback {
        private final List<TillStage> stages = new ArrayList<>();
        private boolean over;
        private T value;
        private TillResult result;
        private TillException failure;

        @Override
        public void onSuccess(T value) {
            end();
            this.value = value;
        }

        @Override
        public void onFailure(TillException failure) {
            end();
            this.failure = failure;
        }

        @Override
        public void onStage(TillStage stage) {
            stages.add(stage);
        }

        @Override
        public void onResult(TillResult result) {
            end();
            this.result = result;
        }

        private void end() {
            assertFalse("told once", over);
            assertSame(Looper.getMainLooper(), Looper.myLooper());
            over = true;
        }

        private T value() {
            assertNull(failure);
            return value;
        }
    }

    private <T> Heard<T> ask(Consumer<Heard<T>> call) {
        Heard<T> heard = new Heard<>();
        call.accept(heard);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!heard.over) {
            assertTrue("in time", System.nanoTime() < end);
            Shadows.shadowOf(Looper.getMainLooper()).idle();
            Thread.yield();
        }
        return heard;
    }

    private TillSettings settings() {
        return new TillSettings.Builder()
                .set("currency", "UZS")
                .set("sandbox", "true")
                .set("octo_base_url", bank.getBaseUrl())
                .set("octo_client_id", "till-sandbox")
                .set("octo_client_secret", "sandbox-secret")
                .set("octo_user_id", "208800000000000001")
                .set("octo_extra_roots", bank.getRootsPem())
                .build();
    }

    private static PaymentRequest coffee() {
        return new PaymentRequest.Builder(12_500, "Coffee").requestId("r-1").build();
    }

    @Test
    public void whatIsKeptIsOpenedAndTakesPayments() {
        Heard<Void> unset = ask(heard -> TillJava.open(context, heard));
        assertEquals(TillException.Todo.CONFIGURE, unset.failure.getAdvice());
        assertNull(this.<TillSettings>ask(heard -> TillJava.kept(context, heard)).value());
        this.<Void>ask(heard -> TillJava.keep(context, settings(), heard)).value();
        this.<Void>ask(TillJava::stop).value();
        this.<Void>ask(heard -> TillJava.open(context, heard)).value();
        TillHealth health = this.<TillHealth>ask(h -> TillJava.health(context, h)).value();
        assertEquals(TillHealth.Source.KEPT, health.getConfiguredBy());
        assertTrue(health.getRunning().getSandbox());
        TillSettings kept = this.<TillSettings>ask(h -> TillJava.kept(context, h)).value();
        assertEquals("UZS", kept.get("currency"));
        this.<Void>ask(TillJava::warm).value();
        this.<Void>ask(TillJava::networkChanged).value();
        Heard<Void> paid = ask(heard -> TillJava.pay(coffee(), heard));
        assertTrue(paid.result instanceof TillResult.Approved);
        assertTrue(paid.stages.stream().anyMatch(TillStage.CodeShown.class::isInstance));
        Heard<Void> told = ask(heard -> TillJava.status("r-1", false, heard));
        assertTrue(told.result instanceof TillResult.Approved);
        List<TillOperation> looked = this.<List<TillOperation>>ask(TillJava::resume).value();
        assertTrue(looked.stream().noneMatch(TillOperation::getOpen));
        // Only what is open can be settled: what holds is told again.
        TillOperation first =
                this.<List<TillOperation>>ask(h -> TillJava.history(1, h)).value().get(0);
        Heard<Void> settled = ask(heard -> TillJava.settle(first, false, "lost", heard));
        assertTrue(settled.result instanceof TillResult.Approved);
        String name = first.getId();
        this.<Void>ask(heard -> TillJava.returned(name, heard)).value();
    }

    /** Whoever shows nothing of the stages need not take them. */
    @Test
    public void aCallbackMayTakeTheResultAlone() {
        this.<Void>ask(heard -> TillJava.keep(context, settings(), heard)).value();
        List<TillResult> results = new ArrayList<>();
        Heard<Void> paid = ask(heard -> TillJava.pay(coffee(), result -> {
            results.add(result);
            heard.onResult(result);
        }));
        assertTrue(paid.result instanceof TillResult.Approved);
        assertEquals(1, results.size());
        assertEquals(0, paid.stages.size());
    }

    @Test
    public void currenciesHaveTheirDigits() {
        assertEquals((Integer) 2, this.<Integer>ask(h -> TillJava.exponent("UZS", h)).value());
        assertNull(this.<Integer>ask(h -> TillJava.exponent("uz", h)).value());
    }

    @Test
    public void whereNothingCanBeWrittenSupportIsCalled() throws Exception {
        // A file where the folder would be.
        File folder = new File(context.getNoBackupFilesDir(), "till-settings");
        assertTrue(folder.createNewFile());
        Heard<Void> kept = ask(heard -> TillJava.keep(context, settings(), heard));
        assertNotNull(kept.failure);
        assertEquals(TillException.Todo.CALL_SUPPORT, kept.failure.getAdvice());
        assertTrue(folder.delete());
    }

    @Test
    public void everySuspendFunctionHasACounterpart() {
        Set<String> suspending = new TreeSet<>();
        for (Method one : Till.class.getDeclaredMethods()) {
            Class<?>[] takes = one.getParameterTypes();
            boolean isOpen = Modifier.isPublic(one.getModifiers()) && !one.isSynthetic();
            boolean suspends = takes.length > 0 && takes[takes.length - 1] == Continuation.class;
            if (isOpen && suspends) suspending.add(one.getName());
        }
        Set<String> ours = Arrays.stream(TillJava.class.getDeclaredMethods())
                .filter(one -> Modifier.isPublic(one.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toSet());
        assertTrue("some are known", suspending.contains("pay"));
        suspending.removeAll(ours);
        assertEquals(new TreeSet<String>(), suspending);
    }
}
