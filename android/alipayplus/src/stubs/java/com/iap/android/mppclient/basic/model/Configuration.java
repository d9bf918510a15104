package com.iap.android.mppclient.basic.model;

/** Declares a member of the Alipay+ client SDK; compiled against, never shipped. */
public class Configuration {
    public String clientId;
    public String envType;
    public String siteName;
}
