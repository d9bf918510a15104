package com.iap.android.mppclient.basic.callback;

/** Declares a member of the Alipay+ client SDK; compiled against, never shipped. */
public interface Callback<T> {
    void onSuccess(T result);

    void onFailure(String code, String message);
}
