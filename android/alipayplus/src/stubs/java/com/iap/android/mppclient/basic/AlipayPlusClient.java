package com.iap.android.mppclient.basic;

import android.content.Context;
import com.iap.android.mppclient.basic.callback.Callback;
import com.iap.android.mppclient.basic.model.Configuration;
import com.iap.android.mppclient.basic.model.InquireQuoteParams;
import com.iap.android.mppclient.basic.model.InquireQuoteResult;
import com.iap.android.mppclient.basic.model.MPPAcceptanceMarkLogo;
import com.iap.android.mppclient.basic.service.CommonOAuthService;
import java.util.List;

/** Declares a member of the Alipay+ client SDK; compiled against, never shipped. */
public class AlipayPlusClient {
    public CommonOAuthService commonOAuthService;

    public static AlipayPlusClient getInstance() {
        throw new UnsupportedOperationException();
    }

    public void setConfiguration(Configuration configuration) {}

    public void inquireQuote(InquireQuoteParams params, Callback<InquireQuoteResult> callback) {}

    public String getCurrentRegion(Context context) {
        return null;
    }

    public boolean isAlipayPlusSupportedRegion(Context context, String region) {
        return false;
    }

    public List<MPPAcceptanceMarkLogo> getAcceptanceMarkLogos(
            Context context, String scenario, String region) {
        return null;
    }
}
