package com.iap.android.mppclient.mpm;

import android.content.Context;
import com.iap.android.mppclient.basic.callback.Callback;
import com.iap.android.mppclient.mpm.model.LaunchParams;
import com.iap.android.mppclient.mpm.model.LaunchResult;
import com.iap.android.mppclient.mpm.service.MPMService;

/** Declares a member of the Alipay+ client SDK; compiled against, never shipped. */
public class AlipayPlusClientMPM {
    public MPMService mpmService;

    public static AlipayPlusClientMPM getInstance() {
        throw new UnsupportedOperationException();
    }

    public void launch(Context context, LaunchParams params, Callback<LaunchResult> callback) {}
}
