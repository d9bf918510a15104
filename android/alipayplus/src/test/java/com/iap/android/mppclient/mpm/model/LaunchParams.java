package com.iap.android.mppclient.mpm.model;

/** Stands in for the class of the Alipay+ client SDK, as a version newer than 1.4.0 has it. */
public class LaunchParams {
    public String url;
    public String userAgent;
    public String acDecodeConfig;
}
