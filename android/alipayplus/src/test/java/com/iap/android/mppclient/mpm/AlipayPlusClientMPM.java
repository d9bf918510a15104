package com.iap.android.mppclient.mpm;

import android.content.Context;
import com.iap.android.mppclient.basic.callback.Callback;
import com.iap.android.mppclient.mpm.model.ActionParams;
import com.iap.android.mppclient.mpm.model.LaunchParams;
import com.iap.android.mppclient.mpm.model.LaunchResult;
import com.iap.android.mppclient.mpm.service.MPMService;

/** Stands in for the class of the Alipay+ client SDK, as a version newer than 1.4.0 has it. */
public class AlipayPlusClientMPM {
    private static AlipayPlusClientMPM instance = new AlipayPlusClientMPM();

    public MPMService mpmService;

    public LaunchParams launched;
    public ActionParams handled;
    public String fails;

    public static AlipayPlusClientMPM getInstance() {
        return instance;
    }

    public static void renew() {
        instance = new AlipayPlusClientMPM();
    }

    public void launch(Context context, LaunchParams params, Callback<LaunchResult> callback) {
        launched = params;
        if (fails == null) {
            callback.onSuccess(new LaunchResult());
        } else {
            callback.onFailure(fails, "USER_CANCEL");
        }
    }

    public void handleAction(Context context, ActionParams params) {
        if (fails != null) {
            throw new IllegalStateException(fails);
        }
        handled = params;
    }
}
