package com.iap.android.mppclient.basic.callback;

/** Stands in for the class of the Alipay+ client SDK, as a version newer than 1.4.0 has it. */
public interface Callback<T> {
    void onSuccess(T result);

    void onFailure(String code, String message);
}
