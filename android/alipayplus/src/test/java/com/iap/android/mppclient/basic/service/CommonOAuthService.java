package com.iap.android.mppclient.basic.service;

import com.iap.android.mppclient.basic.callback.Callback;
import com.iap.android.mppclient.basic.model.CommonOAuthServiceParams;
import com.iap.android.mppclient.basic.model.CommonOAuthServiceResult;

/** Stands in for the class of the Alipay+ client SDK, as a version newer than 1.4.0 has it. */
public interface CommonOAuthService {
    void getAuthCode(CommonOAuthServiceParams params, Callback<CommonOAuthServiceResult> callback);
}
