package com.iap.android.mppclient.mpm.model;

/** Declares a member of the Alipay+ client SDK; compiled against, never shipped. */
public class LaunchParams {
    public String url;
    public String userAgent;
}
