package feishu

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lianbang/bot"
)

const (
	publish    = "然后在“版本管理与发布”里创建版本并发布，审核通过才生效"
	whereScope = "在开发者后台“权限管理”里开通 "
)

// Examine looks at what an app needs: configuration, credentials, bot, scopes, subscriptions. It changes nothing, and says
// something only to test, unless that is the zero address. It stops where what follows could not be looked at.
func Examine(ctx context.Context, c Config, test bot.Address) []bot.Finding {
	a, err := New(c)
	if err != nil {
		return []bot.Finding{{What: "配置", Detail: strings.ReplaceAll(err.Error(), "\n", "。"), Do: "改配置文件里这个账号的这几项"}}
	}
	x := examiner{a: a}
	if !x.credentials(ctx) {
		return x.Findings
	}
	x.bot(ctx)
	x.scopes(ctx)
	x.subscriptions(ctx)
	if test.Chat != "" || test.User != "" {
		x.message(ctx, test)
	}
	return x.Findings
}

// examiner collects findings.
type examiner struct {
	a *Adapter
	bot.Findings
}

func (x *examiner) failed(what string, err error) {
	detail, do := explain(err)
	x.Wrong(what, detail, do)
}

func (x *examiner) credentials(ctx context.Context) bool {
	if _, err := x.a.tokens.get(ctx); err != nil {
		x.failed("应用凭证", err)
		return false
	}
	x.Right("应用凭证", "app_id 和 app_secret 有效")
	return true
}

// activated is the activate_status of a bot that can be used (bot-v3 info).
const activated = 2

func (x *examiner) bot(ctx context.Context) {
	info, err := x.a.botInfo(ctx)
	switch {
	case errors.Is(err, errMalformed) || asAPI(err).Code != 0 && !lacksScope(asAPI(err).Code):
		detail, _ := explain(err)
		x.Wrong("机器人", "读不到机器人："+detail, "在开发者后台“添加应用能力”里添加“机器人”，"+publish)
	case err != nil:
		x.failed("机器人", err)
	case info.Status != activated:
		x.Wrong("机器人", fmt.Sprintf("%s 还没有启用(activate_status %d)", info.Name, info.Status), "在“版本管理与发布”里创建版本并发布；已经发布的，请企业管理员在管理后台启用")
	default:
		x.Right("机器人", info.Name+" 已启用，open_id "+info.OpenID)
	}
}

// need is a scope that the bot needs: any one of several does.
type need struct {
	what     string
	any      []string
	optional bool
	probed   bool // a harmless call tells whether it is there
}

// needs are the scopes, the first of each being the one to ask for (im-v1 message/create, image/create, chat/list,
// chat-members/get, message/events, message-resource/get, chat-member-bot/events; contact-v3 user/get).
var needs = []need{
	{what: "发消息、更新卡片", any: []string{"im:message:send_as_bot", "im:message", "im:message:send"}, probed: true},
	{what: "听群里 @ 它的话", any: []string{"im:message.group_at_msg:readonly", "im:message.group_at_msg", "im:message.group_msg"}},
	{what: "听私聊", any: []string{"im:message.p2p_msg:readonly", "im:message.p2p_msg"}},
	{what: "发图片和文件", any: []string{"im:resource"}, probed: true},
	{what: "看所在的群", any: []string{"im:chat:read", "im:chat:readonly", "im:chat"}, probed: true},
	{what: "看群成员姓名", any: []string{"im:chat.members:read", "im:chat:readonly", "im:chat"}, probed: true},
	{what: "知道自己进群出群", any: []string{"im:chat.members:bot_access", "im:chat:readonly", "im:chat"}},
	{what: "收照片；撤回的话跟着作废", any: []string{"im:message:readonly", "im:message"}, optional: true},
	{what: "首次私聊时打招呼", any: []string{"im:chat.access_event.bot_p2p_chat:read"}, optional: true},
	{what: "活动进报名人的日历", any: []string{"calendar:calendar"}, optional: true},
	{what: "查通讯录", any: []string{"contact:contact.base:readonly"}, optional: true},
	{what: "看通讯录里的姓名", any: []string{"contact:user.base:readonly"}, optional: true},
}

// scopes compares what was granted with what is needed. Where the list cannot be read, calls tell by their own errors.
func (x *examiner) scopes(ctx context.Context) {
	granted, err := x.a.grantedScopes(ctx)
	if err != nil {
		x.probes(ctx)
		return
	}
	for _, n := range needs {
		what := "权限 " + n.what
		has := slices.IndexFunc(n.any, func(s string) bool { return granted[s] })
		do := whereScope + n.any[0] + "，" + publish
		switch {
		case has >= 0:
			x.Right(what, n.any[has])
		case n.optional:
			x.Hint(what, "没有开通，不影响别的功能", do)
		default:
			x.Wrong(what, "没有开通 "+strings.Join(n.any, " 或 "), do)
		}
	}
}

// grantedScopes are the scopes that the tenant has granted to the app (application-v6 scope/list); grant_status 1 is granted.
// The shape of the answer was not checked against the live platform, so one that names none counts as unreadable.
func (a *Adapter) grantedScopes(ctx context.Context) (map[string]bool, error) {
	var answer struct {
		Scopes []struct {
			Name   string `json:"scope_name"`
			Status int    `json:"grant_status"`
			Type   string `json:"scope_type"` // tenant or user
		} `json:"scopes"`
	}
	if err := a.call(ctx, http.MethodGet, "/open-apis/application/v6/scopes", nil, nil, &answer); err != nil {
		return nil, err
	}
	granted := map[string]bool{}
	for _, s := range answer.Scopes {
		if s.Status == 1 && s.Type != "user" {
			granted[s.Name] = true
		}
	}
	if len(granted) == 0 {
		return nil, errMalformed
	}
	return granted, nil
}

// nowhere is a group that does not exist: what is sent there is refused, but first of all for the lack of a scope.
const nowhere = "oc_lianbang_doctor"

// probes makes calls that cannot do anything and looks whether they fail for the lack of a scope.
func (x *examiner) probes(ctx context.Context) {
	x.probe("发消息、更新卡片", needs[0].any[0], x.a.call(ctx, http.MethodPost, messagesPath, map[string]string{"receive_id_type": "chat_id"},
		map[string]string{"receive_id": nowhere, "msg_type": "text", "content": `{"text":"-"}`}, nil))
	x.probe("发图片和文件", "im:resource", x.a.call(ctx, http.MethodPost, "/open-apis/im/v1/images", nil, map[string]string{}, nil))
	var chats struct {
		Items []struct {
			ID string `json:"chat_id"`
		} `json:"items"`
	}
	x.probe("看所在的群", "im:chat:read", x.a.call(ctx, http.MethodGet, "/open-apis/im/v1/chats", map[string]string{"page_size": "1"}, nil, &chats))
	chat := nowhere
	if len(chats.Items) > 0 {
		chat = chats.Items[0].ID
	}
	x.probe("看群成员姓名", "im:chat.members:read", x.a.call(ctx, http.MethodGet, "/open-apis/im/v1/chats/"+url.PathEscape(chat)+"/members",
		map[string]string{"member_id_type": "open_id", "page_size": "1"}, nil, nil))
	x.Hint("其余权限", "接口查不到，请自己核对", whereScope+strings.Join(unprobed(), "、")+"，"+publish)
}

// unprobed are the scopes that no harmless call tells of.
func unprobed() (names []string) {
	for _, n := range needs {
		if !n.probed {
			names = append(names, n.any[0])
		}
	}
	return names
}

// probe judges one call: any refusal that is not about scopes came after the scopes had been checked.
func (x *examiner) probe(what, scope string, err error) {
	api := (*apiError)(nil)
	switch {
	case errors.As(err, &api) && api.Code != 0 && !lacksScope(api.Code), err == nil:
		x.Right("权限 "+what, scope)
	case api != nil && lacksScope(api.Code) && len(api.Scopes) == 0:
		x.Wrong("权限 "+what, "没有开通 "+scope, whereScope+scope+"，"+publish)
	default:
		x.failed("权限 "+what, err)
	}
}

// subscriptions says what no API tells, and where it can tries the way on which events come.
func (x *examiner) subscriptions(ctx context.Context) {
	how := "选使用长连接(保存时联帮要在运行)"
	if x.a.conf.Mode == Webhook {
		how = "选发送至开发者服务器，地址填 https://您的域名" + x.a.conf.Path + "，“加密策略”里的 Encrypt Key 和 Verification Token 要和配置一致"
	}
	if x.a.conf.Mode == Websocket {
		x.connection(ctx)
	}
	x.Hint("事件订阅", "接口查不到，请自己核对", "在“事件与回调”的“事件配置”里"+how+"，添加 "+strings.Join(subscribed(), "、")+"，"+publish)
	x.Hint("卡片回调", "接口查不到，请自己核对；没配好时点按钮会提示 200340", "在“事件与回调”的“回调配置”里同样"+how+"，添加 "+cardAction+"，"+publish)
}

// connection asks where the long connection would go. It opens none: that would take events from a program that runs.
func (x *examiner) connection(ctx context.Context) {
	if _, err := x.a.discover(ctx); err != nil {
		x.Wrong("长连接", strings.TrimSuffix(err.Error(), "；稍后会再试"), "应用要是企业自建应用，并且发布过版本；都对就检查网络和 HTTPS_PROXY")
		return
	}
	x.Right("长连接", "飞书给出了连接地址")
}

// subscribed are the events that the adapter understands. Clicks are no events: they are configured as a callback.
func subscribed() (names []string) {
	for name, decoder := range decoders {
		if decoder != nil && name != cardAction {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (x *examiner) message(ctx context.Context, to bot.Address) {
	_, err := x.a.Send(ctx, bot.Delivery{To: to, Body: bot.Say("联帮测试消息：能看到这条，说明发送正常。"), Attempt: 1})
	if err != nil {
		x.failed("测试消息", err)
		return
	}
	x.Right("测试消息", "已发出，请到飞书里看一眼")
}

// explain says in Chinese what an error means and what to do about it.
func explain(err error) (detail, do string) {
	api := (*apiError)(nil)
	if !errors.As(err, &api) {
		if errors.Is(err, errMalformed) {
			return "飞书的回答里少了该有的内容", "检查 base_url 是不是飞书开放平台的地址"
		}
		return "没连上飞书：" + strings.TrimPrefix(err.Error(), "no answer: "), "检查网络、base_url 和 HTTPS_PROXY"
	}
	detail = fmt.Sprintf("飞书返回错误码 %s(HTTP %d，日志号 %s)", api.label(), api.Status, api.LogID)
	switch api.Code {
	case 0:
		return fmt.Sprintf("回答不是飞书开放平台的(HTTP %d)", api.Status), "检查 base_url 和代理"
	case 10003, 10014, 10015, 99991543:
		return "app_id 或 app_secret 不对(" + api.label() + ")", "在开发者后台“凭证与基础信息”里重新复制 App ID 和 App Secret"
	case 99991662, 99991673:
		return "应用被停用，或没有安装到企业(" + api.label() + ")", "在“版本管理与发布”里发布版本，并请企业管理员启用"
	case 99991672, 99991676, 99991679:
		scopes := strings.Join(api.Scopes, " 或 ")
		return "没有权限(" + api.label() + ")", whereScope + cmp.Or(scopes, "这个接口要求的权限") + "，" + publish
	case 230006:
		return "机器人能力没有启用(230006)", "在“添加应用能力”里添加“机器人”，" + publish
	case 230002:
		return "机器人不在这个群里(230002)", "在群设置的“群机器人”里添加它"
	case 230013:
		return "这个人不在应用的可用范围内(230013)", "在“版本管理与发布”创建版本，把他加入可用范围，再发布"
	case 230034:
		return "没有这个群或这个人(230034)", "看看 chat_id 或 open_id 有没有抄全，是不是这个企业的"
	case 230018, 230035:
		return "群设置不让它发言(" + api.label() + ")", "请群主在群管理里允许机器人发言"
	default:
		return detail, "按错误码查飞书开放平台的文档；还不明白就把日志号给飞书客服"
	}
}
