package com.iap.android.mppclient.basic.service;

import com.iap.android.mppclient.basic.callback.Callback;
import com.iap.android.mppclient.basic.model.CommonOAuthServiceParams;
import com.iap.android.mppclient.basic.model.CommonOAuthServiceResult;

/** Declares a member of the Alipay+ client SDK; compiled against, never shipped. */
public interface CommonOAuthService {
    void getAuthCode(CommonOAuthServiceParams params, Callback<CommonOAuthServiceResult> callback);
}
