package com.iap.android.mppclient.mpm.service;

import com.iap.android.mppclient.basic.callback.Callback;
import com.iap.android.mppclient.basic.model.DecodeServiceParams;
import com.iap.android.mppclient.basic.model.DecodeServiceResult;

/** Stands in for the class of the Alipay+ client SDK, as a version newer than 1.4.0 has it. */
public interface MPMService {
    void decode(DecodeServiceParams params, Callback<DecodeServiceResult> callback);
}
