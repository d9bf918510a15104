package com.iap.android.mppclient.basic;

import android.content.Context;
import android.os.Looper;
import com.iap.android.mppclient.basic.callback.Callback;
import com.iap.android.mppclient.basic.model.Configuration;
import com.iap.android.mppclient.basic.model.InquireQuoteParams;
import com.iap.android.mppclient.basic.model.InquireQuoteResult;
import com.iap.android.mppclient.basic.model.MPPAcceptanceMarkLogo;
import com.iap.android.mppclient.basic.service.CommonOAuthService;
import java.util.ArrayList;
import java.util.List;

/** Stands in for the class of the Alipay+ client SDK: notes what it is told. */
public class AlipayPlusClient {
    private static AlipayPlusClient instance = new AlipayPlusClient();

    public CommonOAuthService commonOAuthService;

    public Configuration configuration;
    public final List<String> asked = new ArrayList<>();
    public int emptyLists;
    public int falseAnswers;
    public String region = "UZ";

    public static AlipayPlusClient getInstance() {
        return instance;
    }

    public static void renew() {
        instance = new AlipayPlusClient();
    }

    public void setConfiguration(Configuration configuration) {
        this.configuration = configuration;
    }

    public void inquireQuote(InquireQuoteParams params, Callback<InquireQuoteResult> callback) {
        if (params.sellCurrency.equals("XXX")) {
            callback.onFailure("1001", "PARAM_ILLEGAL");
            return;
        }
        InquireQuoteResult result = new InquireQuoteResult();
        result.quoteId = "q-1";
        result.quoteCurrencyPair = params.sellCurrency + "/" + params.buyCurrency;
        result.quotePrice = "1331.25";
        callback.onSuccess(result);
        // The real one is known to do so.
        callback.onFailure("1003", "SYSTEM_ERROR");
    }

    public String getCurrentRegion(Context context) {
        notOnMain();
        return region;
    }

    public boolean isAlipayPlusSupportedRegion(Context context, String region) {
        notOnMain();
        return falseAnswers-- <= 0 && region.equals("UZ");
    }

    public List<MPPAcceptanceMarkLogo> getAcceptanceMarkLogos(
            Context context, String scenario, String region) {
        notOnMain();
        asked.add(scenario + " " + region);
        List<MPPAcceptanceMarkLogo> logos = new ArrayList<>();
        if (emptyLists-- > 0) {
            return logos;
        }
        MPPAcceptanceMarkLogo logo = new MPPAcceptanceMarkLogo();
        logo.logoName = "Alipay";
        logo.logoUrl = "https://logos.example/alipay.png";
        logos.add(logo);
        return logos;
    }

    private static void notOnMain() {
        if (Looper.myLooper() == Looper.getMainLooper()) {
            throw new IllegalStateException("on the main thread");
        }
    }
}
