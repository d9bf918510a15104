package com.iap.android.mppclient.basic.model;

import java.util.List;

/** Declares a member of the Alipay+ client SDK; compiled against, never shipped. */
public class CommonOAuthServiceParams {
    public String authClientId;
    public List<String> scopes;
}
