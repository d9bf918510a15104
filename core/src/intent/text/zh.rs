//! Chinese, simplified.

use super::{Say, TYPE_MAX, WORDS_MAX, tidy};
use crate::intent::extra::Field;
use crate::intent::refusal::{NotRefundable, Wrong};
use crate::operation::{Action, Story};

pub(super) fn say(say: &Say<'_>) -> String {
    let fixed = match say {
        Say::Success(Action::Pay) => "付款成功。",
        Say::Success(Action::Refund) => "退款成功。",
        Say::ConfirmedLate => "银行稍后才确认。",
        Say::Declined(Action::Pay) => "付款被拒绝。",
        Say::Declined(Action::Refund) => "退款被拒绝。",
        Say::BankSays => "银行提示：",
        Say::GivenBack => "已付款，并已退还给顾客。",
        Say::OtherSum(asked) => return format!("付款金额不符，应付 {asked}。"),
        Say::Settled(Action::Pay) => "操作员确认：未付款。",
        Say::Settled(Action::Refund) => "操作员确认：未退款。",
        Say::Cancelled(Action::Pay) => "付款已取消。",
        Say::Cancelled(Action::Refund) => "退款已取消。",
        Say::Expired(Action::Pay) => "付款超时。",
        Say::Expired(Action::Refund) => "退款超时。",
        Say::Unknown(Action::Pay) => "付款结果尚未确认。请再次查询，不要重复收款。",
        Say::Unknown(Action::Refund) => "退款结果尚未确认。请重复同一退款请求。",
        Say::Extra(field, wrong) => {
            return format!("{}：{}。应为：{}。", field.name(), what(wrong), needed(*field));
        }
        Say::Unreadable => "无法读取请求参数。",
        Say::BadRequest => "无法执行此请求。",
        Say::NotConfigured => "终端未配置，或未被银行接受。",
        Say::CallerNotAllowed => "此应用不在允许名单中，不能使用本终端。",
        Say::NoConnection(Action::Pay) => "无网络连接，未扣款，请重试。",
        Say::NoConnection(Action::Refund) => "无网络连接，退款未发出，请重试。",
        Say::OtherParameters => "request_id 已被其他请求占用，请使用新的 request_id。",
        Say::Running(Action::Pay) => "此付款仍在进行中。",
        Say::Running(Action::Refund) => "此退款仍在进行中。",
        Say::RefundNotPossible => "无法退款。",
        Say::NotRefundable(why) => return not_refundable(*why),
        Say::Journal => "交易日志不可用，不会动用任何资金。请联系技术支持。",
        Say::NoSuchRequest => "没有此请求，可以安全地发起新请求。",
        Say::Late { story, asked, paid } if paid == asked => {
            return format!("已收到 {paid}：{}。", late(*story));
        }
        Say::Late { story, asked, paid } => {
            return format!("已收到 {paid}，应收 {asked}：{}。", late(*story));
        }
    };
    fixed.to_owned()
}

fn late(story: Story) -> &'static str {
    match story {
        Story::Refunding => "正在退还",
        Story::Refunded => "已退还",
        Story::RefundFailed => "退还失败，请联系技术支持",
        Story::Reported => "未退还，请与顾客协商",
    }
}

fn not_refundable(why: NotRefundable) -> String {
    match why {
        NotRefundable::AboveRest(rest) => format!("最多还可退 {rest}。"),
        NotRefundable::AlreadyRefunded => "已全部退款。".to_owned(),
        NotRefundable::AnotherInDoubt => "此付款的另一笔退款尚未确认。".to_owned(),
        NotRefundable::NotOurs => "这不是本商户的付款。".to_owned(),
        NotRefundable::OtherTerminal => "此付款由另一台终端收取。".to_owned(),
        NotRefundable::NotPaid => "此笔交易未付款成功。".to_owned(),
    }
}

fn what(wrong: &Wrong) -> String {
    let fixed = match wrong {
        Wrong::Missing => "缺失",
        Wrong::Type(found) => return format!("类型错误（{}）", tidy(found, TYPE_MAX)),
        Wrong::Empty => "为空",
        Wrong::TooLong => "过长",
        Wrong::NotPositive => "不大于 0",
        Wrong::NotText(found) => return format!("键或值不是文本（{}）", tidy(found, TYPE_MAX)),
        Wrong::Repeated => "键重复",
        Wrong::Unknown => "未知的值",
        Wrong::NotOneOf(known) => return format!("不在 {} 之中", known.join("、")),
        Wrong::Broken(how) => return format!("无法读取（{}）", tidy(how, WORDS_MAX)),
        Wrong::OfRefund => "这是退款，不是付款",
        Wrong::Version => "未知的 schemaVersion",
        Wrong::NotSuccess => "不是成功的付款",
        Wrong::Nameless => "没有 id、externalId 或 requestId",
        Wrong::Sandbox => "这是沙盒付款，而银行是真实的",
    };
    fixed.to_owned()
}

fn needed(field: Field) -> &'static str {
    match field {
        Field::IntentAction => "pay、refund 或 STATUS 的完整名称",
        Field::RequestId => "不超过 1 KiB 的 String",
        Field::Metadata => "不超过 256 KiB 的 HashMap<String, String>",
        Field::Amount => "大于 0 的 Long，以最小货币单位计",
        Field::Purpose => "不超过 255 个字符的 String",
        Field::PrimaryTransaction => "原样返回的付款 transaction",
        Field::Currency => "三个大写字母，例如 UZS",
        Field::Rail => "已配置的通道名称",
        Field::CodeValue => "扫描到的码，不超过 4 KiB 的 String",
        Field::Idempotent => "Boolean",
        Field::Action => "pay 或 refund",
    }
}
