package com.iap.android.mppclient.basic.model;

import java.util.List;

/** Stands in for the class of the Alipay+ client SDK, as a version newer than 1.4.0 has it. */
public class CommonOAuthServiceParams {
    public String authClientId;
    public List<String> scopes;
}
