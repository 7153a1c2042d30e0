package wecom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/bot/wecom/wire"
)

// Ask is what an examination may do besides looking.
type Ask struct {
	// Connect tries the AI bot's id and secret. There is no other way than to subscribe, which takes the connection away from
	// a program that runs with the same bot (101463).
	Connect bool
	Send    bot.Address // where a test message goes; zero = nowhere
}

// Examine looks at what an account needs. It changes nothing and disturbs nobody, but for what is asked. It needs neither the
// seat nor a running adapter.
func Examine(ctx context.Context, c Config, ask Ask) []bot.Finding {
	c.Seat = nil
	a, err := New(c)
	if err != nil {
		return []bot.Finding{{What: "配置", Detail: strings.ReplaceAll(err.Error(), "\n", "；"), Do: "改配置文件里这个账号的这几项"}}
	}
	x := examiner{a: a}
	x.summary()
	if a.conf.Bot != nil {
		defer x.bot(ctx, ask.Connect)()
	}
	if a.conf.App != nil {
		x.app(ctx)
	}
	if len(a.conf.Groups) > 0 {
		x.Hint("群消息推送", fmt.Sprintf("%d 个群的地址样子都对；不发消息就试不出真假", len(a.conf.Groups)), "想试就加上 --send 群名，往群里发一条测试消息")
	}
	if ask.Send.Chat != "" || ask.Send.User != "" {
		x.message(ctx, ask.Send)
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

func (x *examiner) summary() {
	does, cannot := x.a.Describe()
	x.Right("能做什么", does)
	for _, line := range cannot {
		x.Right("要知道", line)
	}
}

// bot looks at the AI bot. The function that it returns ends the connection that was made.
func (x *examiner) bot(ctx context.Context, connect bool) (end func()) {
	end = func() {}
	b := x.a.conf.Bot
	if b.Name == "" {
		x.Hint("机器人的名字", "没有填 bot.name：群里的 @ 只能截到第一个空格，@ 后面不空格时整句都当作名字", "把机器人在群里显示的名字填进 bot.name")
	}
	if !x.a.conf.connects() {
		x.Hint("机器人回调", "接口查不到，请自己核对", "在机器人的“API 模式”里选“接收消息 URL”，填 https://您的域名"+b.Path+"，Token 和 EncodingAESKey 与配置一致；保存时联帮要在运行")
		return end
	}
	if !connect {
		x.Hint("机器人长连接", "没有试连：一试，正在运行的联帮就会被顶下线，5 分钟后才自己连回来", "联帮没在运行时，加上 --connect 再运行一次")
		return end
	}
	s, err := x.connect(ctx)
	if err != nil {
		x.failed("机器人长连接", err)
		return end
	}
	x.Right("机器人长连接", "bot.id 和 bot.secret 有效，连上了")
	x.a.link.set(s, time.Time{})
	return func() {
		x.a.link.set(nil, time.Time{})
		s.stop(errClosedByUs)
	}
}

// connect subscribes. What comes over the connection meanwhile is lost.
func (x *examiner) connect(ctx context.Context) (*socket, error) {
	conn, err := x.a.dial(ctx)
	if err != nil {
		return nil, err
	}
	s := newSocket(conn, x.a.conf)
	s.start(func(wire.Frame) {})
	if err := x.a.subscribe(ctx, s); err != nil {
		s.stop(err)
		return nil, err
	}
	return s, nil
}

// nobody is a user id that no member has: what is sent to it is refused, but first of all for what is wrong with the app.
const nobody = "lianbang-doctor-nobody"

func (x *examiner) app(ctx context.Context) {
	if _, err := x.a.tokens.get(ctx); err != nil {
		x.failed("自建应用的凭证", err)
		return
	}
	x.Right("自建应用的凭证", "app.corp_id 和 app.secret 有效")
	if _, err := x.a.call(ctx, request{method: http.MethodGet, address: "getcallbackip"}); err != nil {
		x.failed("可信 IP", err)
		return
	}
	x.Right("可信 IP", "这台机器可以调用接口")
	x.probe(ctx, "应用编号", "app.agent_id 和 app.secret 是同一个应用的", request{method: http.MethodPost, address: "message/send", body: map[string]any{
		"touser": nobody, "msgtype": "text", "agentid": x.a.conf.App.AgentID, "text": map[string]any{"content": "-"}}})
	x.probe(ctx, "成员姓名", "可以读", request{method: http.MethodGet, address: "user/get", query: map[string]string{"userid": nobody}})
	if x.a.conf.App.Calendar {
		x.calendar(ctx)
	}
	x.Hint("可见范围", "接口查不到，请自己核对；范围外的人收不到，也看不到姓名", "在管理后台“应用管理”的这个应用里，“可见范围”选上要用的部门和人")
	if x.a.conf.App.hears() {
		x.Hint("应用回调", "接口查不到，请自己核对", "在应用的“接收消息”里设置 API 接收，填 https://您的域名"+x.a.conf.App.Path+"，Token 和 EncodingAESKey 与配置一致；保存时联帮要在运行")
	}
	if n := len(x.a.conf.App.Chats); n > 0 {
		x.Hint("应用群聊", fmt.Sprintf("%d 个群；不发消息就试不出真假", n), "只有这个应用自己建的群才能发")
	}
}

// calendar asks for a calendar that does not exist: whether the app may use calendars is decided before that is found out, as
// with other interfaces (not checked against the live platform).
func (x *examiner) calendar(ctx context.Context) {
	_, err := x.a.call(ctx, request{method: http.MethodPost, address: "oa/calendar/get", body: map[string]any{"cal_id_list": []string{nobody}}})
	switch {
	case forbidden(err):
		x.Hint("日程", fmt.Sprintf("应用没有日程的权限(%d)：活动不进参加人的日程，别的照常", codeOf(err)), doAllowCalendar)
	case err != nil && codeOf(err) == 0:
		x.failed("日程", err)
	default:
		x.Right("日程", "可以用：登记的活动会进报名人的日程")
	}
}

// probe makes a call about nobody. A refusal that is about the person came after everything else was checked.
func (x *examiner) probe(ctx context.Context, what, good string, r request) {
	_, err := x.a.call(ctx, r)
	switch codeOf(err) {
	case codeNobody, 60111, 60011, 40003:
		x.Right(what, good)
		return
	}
	if err != nil {
		x.failed(what, err)
		return
	}
	x.Right(what, good)
}

func (x *examiner) message(ctx context.Context, to bot.Address) {
	_, err := x.a.Send(ctx, bot.Delivery{Key: fmt.Sprintf("doctor/%d", x.a.conf.Now().UnixNano()), To: to, Body: bot.Say("联帮测试消息：能看到这条，说明发送正常。"), Attempt: 1})
	switch {
	case err == nil:
		x.Right("测试消息", "已发出，请到企业微信里看一眼")
	case errors.Is(err, errNotConnected):
		x.Wrong("测试消息", "要经机器人的长连接发，而这次没有连", "联帮没在运行时，同时加上 --connect")
	default:
		x.failed("测试消息", err)
	}
}

// explain says in Chinese what an error means and what to do about it.
func explain(err error) (detail, do string) {
	var untrusted *untrustedError
	var gateway *gatewayError
	if errors.As(err, &untrusted) {
		return "这台机器的出口 IP " + untrusted.ip + " 不在可信名单里(60020)", doTrust
	}
	if errors.As(err, &gateway) {
		return fmt.Sprintf("回答不是企业微信的(HTTP %d)", gateway.status), "检查 app.base_url 和 HTTPS_PROXY"
	}
	code := codeOf(err)
	if code == 0 {
		if se := (*bot.SendError)(nil); errors.As(err, &se) && se.Code == "no_way" {
			return "这个账号现在没有办法发到那里", "看上面“要知道”的各行，缺什么补什么"
		}
		return "没连上企业微信：" + err.Error(), "检查网络和 HTTPS_PROXY"
	}
	if e, known := remedies[code]; known {
		return fmt.Sprintf("%s(%d)", e.detail, code), e.do
	}
	return fmt.Sprintf("企业微信返回错误码 %d", code), fmt.Sprintf("查 https://open.work.weixin.qq.com/devtool/query?e=%d", code)
}

const doTrust = "在管理后台“应用管理”的这个应用里，“企业可信 IP”点配置，加上它，约 1 分钟生效；不让加的，先配好“可信域名”或“接收消息”"

const doAllowCalendar = "在管理后台“应用管理”里点系统应用“日程”，在“可调用接口的应用”里加上这个应用，一小时内生效；不需要的，配置里写 app.calendar: false，就不再问"

// remedies are what to do about the codes that an operator meets.
var remedies = map[int]struct{ detail, do string }{
	wire.CodeCredentials: {"bot.id 或 bot.secret 不对", "在机器人的“API 模式 → 使用长连接”里重新复制 BotID 和 Secret；要长连接的，不是自建应用的"},
	codeBadBot:           {"bot.id 不对", "在机器人的“API 模式 → 使用长连接”里重新复制 BotID"},
	40001:                {"app.secret 不对", "在管理后台“应用管理”的这个应用里重新查看 Secret"},
	40013:                {"app.corp_id 不对", "在管理后台“我的企业”最下面复制企业 ID"},
	codeUntrusted:        {"这台机器的出口 IP 不在可信名单里", doTrust},
	40056:                {"app.agent_id 不对", "在管理后台“应用管理”的这个应用里核对 AgentId"},
	301002:               {"app.agent_id 和 app.secret 不是同一个应用的", "在同一个应用的页面上重新复制 AgentId 和 Secret"},
	48001:                {"应用没有这个接口的权限", "检查应用的权限和可见范围"},
	48002:                {"应用没有这个接口的权限", "检查应用的权限和可见范围"},
	60011:                {"这个人不在应用的可见范围里", "在应用的“可见范围”里加上他"},
	60111:                {"没有这个人", "核对成员的账号(userid)"},
	codeNobody:           {"没有这个人，或不在应用的可见范围里", "核对成员的账号(userid)，并在应用的“可见范围”里加上他"},
	86003:                {"没有这个应用群聊", "核对 groups 里的 appchat"},
	86008:                {"这个群不是本应用建的", "应用只能往自己用接口建的群里发；别的群用“消息推送”"},
	93000:                {"消息推送的地址不对，或已被删除", "在群的“消息推送”里重新复制地址"},
	93004:                {"消息推送已停用", "在群的“消息推送”里启用它"},
	93006:                {"没有这个会话，或那里还没有人跟机器人说过话", "在群里 @ 它一次，或请他先私聊一句；chatid 的大小写要一字不差"},
	93008:                {"机器人不在这个群里", "在群设置里添加机器人"},
	codeLimited:          {"发得太频繁", "过一两分钟再试"},
}
