package com.iap.android.mppclient.basic.model;

/** Declares a member of the Alipay+ client SDK; compiled against, never shipped. */
public class CommonOAuthServiceResult {
    public String authCode;
}
