package com.iap.android.mppclient.mpm.service;

import com.iap.android.mppclient.basic.callback.Callback;
import com.iap.android.mppclient.basic.model.DecodeServiceParams;
import com.iap.android.mppclient.basic.model.DecodeServiceResult;

/** Declares a member of the Alipay+ client SDK; compiled against, never shipped. */
public interface MPMService {
    void decode(DecodeServiceParams params, Callback<DecodeServiceResult> callback);
}
