package webchat

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"lianbang/bot"
)

// browser starts a headless Chromium, or skips the test where there is none. What the page complains of fails the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("LIANBANG_REQUIRE_CHROMIUM") == "1" {
			t.Fatal("Chromium is required and not installed")
		}
		t.Skip("Chromium is not installed")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(60*time.Second))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(stopTab)
	err := chromedp.Listen(ctx, func(ev any) {
		if x, ok := ev.(*runtime.EventExceptionThrown); ok {
			t.Errorf("the page threw %s", x.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

type step = chromedp.Action[chromedp.Void]

func run(t *testing.T, ctx context.Context, actions ...step) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// until waits for a JavaScript expression to hold.
func until(expression string) step {
	return chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(15*time.Second))
}

// shot writes a screenshot when LIANBANG_SHOTS names a folder.
func shot(name string) step {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		dir := os.Getenv("LIANBANG_SHOTS")
		if dir == "" {
			return nil
		}
		time.Sleep(250 * time.Millisecond)
		png, err := chromedp.CaptureScreenshot()(ctx, tab)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	})
}

func scheme(name string) step {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
		return err
	})
}

// echo answers everything with a card that has buttons and a form.
func echo(t *testing.T, a *Adapter) func(bot.Event) {
	return func(e bot.Event) {
		title := "听到 " + e.Text
		if len(e.Form) > 0 {
			title = fmt.Sprintf("收到 %s %s人", e.Form["地点"], e.Form["人数"])
		}
		card := &bot.Card{Title: title, Tone: bot.Done, Sections: []bot.Section{{Facts: []bot.Fact{{Label: "谁", Value: e.Name}}}}}
		if e.Kind == bot.Said {
			card.Buttons = []bot.Button{{Label: "报名", Command: "报名 H1"}, {Label: "取消活动", Command: "取消活动 H1", Tone: bot.Danger, Confirm: "真的要取消 H1 吗？"}}
			card.Form = &bot.Form{Command: "登记活动", Submit: "登记", Fields: []bot.Field{
				{Name: "地点", Label: "地点", Kind: bot.LineField, Required: true},
				{Name: "人数", Label: "人数", Kind: bot.NumberField, Required: true},
			}}
		}
		deliver(t, a, "re/"+string(e.ID), e.Place(), bot.Reply{Card: card})
	}
}

func TestPage(t *testing.T) {
	ctx := browser(t)
	a, k, server := serve(t)
	k.then = echo(t, a)
	const lastTitle = `[...document.querySelectorAll('.log:not([hidden]) .card-title')].at(-1)?.textContent`
	says := func(text string) step { return until(lastTitle + ` === ` + fmt.Sprintf("%q", text)) }

	run(t, ctx,
		chromedp.EmulateViewport(1280, 800),
		chromedp.Navigate(server.URL+"/#who=林书记&room=光电信息群"),
		chromedp.WaitVisible(chromedp.CSS(`.empty .chip`)),
		until(`document.querySelector('#title').textContent === '光电信息群'`),
		chromedp.SendKeys(chromedp.CSS(`#text`), "<script>alert(1)</script>\r"),
		says("听到 <script>alert(1)</script>"),
		until(`document.querySelector('.mine .text').textContent === '<script>alert(1)</script>'`),
		until(`document.querySelector('.mine .state').textContent === ''`),
	)
	run(t, ctx,
		chromedp.Click(chromedp.CSS(`button[data-command="报名 H1"]`)),
		says("听到 报名 H1"),
		chromedp.Click(chromedp.CSS(`button[data-command="取消活动 H1"]`)),
		chromedp.WaitVisible(chromedp.CSS(`#confirm-yes`)),
		until(`document.querySelector('#confirm-text').textContent === '真的要取消 H1 吗？'`),
		chromedp.Click(chromedp.CSS(`#confirm-yes`)),
		says("听到 取消活动 H1"),
	)
	run(t, ctx,
		chromedp.SendKeys(chromedp.CSS(`input[name="地点"]`), "光子实验室"),
		chromedp.SendKeys(chromedp.CSS(`input[name="人数"]`), "很多\r"),
		until(`document.querySelector('input[name="人数"]').getAttribute('aria-invalid') === 'true'`),
		until(`document.querySelector('input[name="地点"]').value === '光子实验室'`),
		chromedp.Evaluate[chromedp.Void](`document.querySelector('input[name="人数"]').value = ''`),
		chromedp.SendKeys(chromedp.CSS(`input[name="人数"]`), "３０\r"),
		says("收到 光子实验室 30人"),
	)
	if e := k.got()[3]; e.Form["人数"] != "30" || e.Text != "登记活动" {
		t.Errorf("form %+v", e)
	}
	k.set(fmt.Errorf("away"))
	run(t, ctx,
		chromedp.SendKeys(chromedp.CSS(`#text`), "存不上\r"),
		until(`[...document.querySelectorAll('.mine .state')].at(-1).textContent.startsWith('未送达')`),
	)
	k.set(nil)
	run(t, ctx, says("听到 存不上"), until(`[...document.querySelectorAll('.mine .state')].at(-1).textContent === ''`))
	server.CloseClientConnections()
	a.hub.mu.Lock()
	for l := range a.hub.listeners {
		l.drop()
	}
	a.hub.mu.Unlock()
	run(t, ctx,
		chromedp.SendKeys(chromedp.CSS(`#text`), "断线时说的\r"),
		says("听到 断线时说的"),
		chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowUp', altKey: true, bubbles: true}))`),
		until(`document.querySelector('#title').textContent === '私聊 联帮' && location.hash.endsWith('room=private')`),
		chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile),
		chromedp.Click(chromedp.CSS(`#back`)),
		chromedp.WaitVisible(chromedp.CSS(`#rooms`)),
		chromedp.WaitNotVisible(chromedp.CSS(`#composer`)),
		chromedp.Navigate(server.URL+"/#who=%20王%20%20工&room=光电信息群"),
		until(`document.querySelector('#link').dataset.up === 'true' && document.querySelector('#me .name').textContent === '王 工'`),
		until(`document.querySelectorAll('.theirs').length > 0`),
	)
}

// sizes are a desk and a phone.
var sizes = map[string]step{
	"desk":  chromedp.EmulateViewport(1200, 800),
	"phone": chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch),
}

const openLog = `document.querySelector('.log:not([hidden])')`

// below is how much of the room lies under the fold.
const below = `((l) => l.scrollHeight - l.scrollTop - l.clientHeight)(` + openLog + `)`

// follows fails unless the newest message is in sight, and the page says nothing of a new one.
func follows(t *testing.T, what string) step {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		time.Sleep(200 * time.Millisecond)
		under, err := chromedp.Evaluate[float64](below)(ctx, tab)
		if err != nil {
			return err
		}
		quiet, err := chromedp.Evaluate[bool](`document.querySelector('#jump').hidden`)(ctx, tab)
		if under > 4 || !quiet {
			t.Errorf("%s: %v px below the fold, 有新消息 hidden: %v", what, under, quiet)
		}
		return err
	})
}

// scrolls is the reader's own scrolling, upwards by so many pixels.
func scrolls(up float64) step {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		x, err := chromedp.Evaluate[float64](openLog+`.getBoundingClientRect().left + 100`)(ctx, tab)
		if err == nil {
			_, err = cdp.Call(ctx, tab, input.SynthesizeScrollGesture, input.SynthesizeScrollGestureParams{X: x, Y: 400, YDistance: up, Speed: 4000})
		}
		return err
	})
}

// TestFollow: the page follows the newest message until the reader scrolls up, and tells him of new ones there.
func TestFollow(t *testing.T) {
	for name, size := range sizes {
		t.Run(name, func(t *testing.T) {
			ctx := browser(t)
			a, k, server := serve(t)
			long := func(title string) bot.Reply {
				c := &bot.Card{Title: title, Tone: bot.Done}
				for i := range 16 {
					c.Sections = append(c.Sections, bot.Section{Lines: []string{fmt.Sprintf("%d 光电产业链参观，省光子技术重点实验室", i)}})
				}
				return bot.Reply{Card: c}
			}
			k.then = func(e bot.Event) { deliver(t, a, "re/"+string(e.ID), e.Place(), long("答 "+e.Text)) }
			came := func(title string) step {
				return until(fmt.Sprintf(`[...document.querySelectorAll('.log:not([hidden]) .card-title')].at(-1)?.textContent === %q`, title))
			}
			says := func(title string) step {
				return chromedp.Func(func(context.Context, *chromedp.Target) error {
					deliver(t, a, title, group, long(title))
					return nil
				})
			}
			run(t, ctx, size, chromedp.Navigate(server.URL+"/#who=林书记&room=光电信息群"), chromedp.WaitVisible(chromedp.CSS(`.empty .chip`)))
			for i := range 8 {
				text := fmt.Sprint("第", i)
				run(t, ctx, chromedp.SendKeys(chromedp.CSS(`#text`), text+"\r"), came("答 "+text), follows(t, "after "+text))
			}
			run(t, ctx, says("先到的"), came("先到的"), follows(t, "what the bot says by itself"), shot("follow-"+name),
				scrolls(500), until(below+` > 200`), says("后到的"), came("后到的"),
				chromedp.WaitVisible(chromedp.CSS(`#jump`)), until(below+` > 700`), shot("jump-"+name),
				chromedp.Click(chromedp.CSS(`#jump`)), follows(t, "after 有新消息"),
				scrolls(500), until(below+` > 200`), scrolls(-900), says("回到底以后"), came("回到底以后"), follows(t, "back at the end"),
				scrolls(500), until(below+` > 200`), chromedp.SendKeys(chromedp.CSS(`#text`), "说一句\r"), came("答 说一句"), follows(t, "own words from above"),
				chromedp.EmulateViewport(360, 420, chromedp.EmulateMobile), follows(t, "over a keyboard"))
		})
	}
}

// TestForm: a form is handed in once; a second time is asked for.
func TestForm(t *testing.T) {
	ctx := browser(t)
	a, k, server := serve(t)
	form := bot.Reply{Card: &bot.Card{Title: "登记活动", Tone: bot.Needs, Form: &bot.Form{Command: "登记活动", Submit: "提交", Fields: []bot.Field{
		{Name: "名称", Label: "名称", Kind: bot.LineField, Hint: "联合主题党日", Required: true}, {Name: "名额", Label: "名额", Kind: bot.NumberField, Hint: "不填就是不限"},
	}}}}
	k.then = func(e bot.Event) {
		reply := bot.Say("收到 " + e.Form["名称"])
		if len(e.Form) == 0 {
			reply = form
		}
		deliver(t, a, "re/"+string(e.ID), e.Place(), reply)
	}
	shut := `document.querySelector('.form-body').hidden && document.querySelector('.form-result').textContent === '已提交'`
	handedIn := func(n int) step {
		return until(fmt.Sprintf(`[...document.querySelectorAll('.note-text')].filter((e) => e.textContent.trim() === '赵敏 填了“登记活动”').length === %d`, n))
	}
	run(t, ctx, sizes["phone"], chromedp.Navigate(server.URL+"/#who=赵敏&room=光电信息群"),
		chromedp.SendKeys(chromedp.CSS(`#text`), "登记\r"), chromedp.WaitVisible(chromedp.CSS(`input[name="名称"]`)),
		until(`document.querySelector('input[name="名额"]').placeholder === '不填就是不限'`),
		until(`document.querySelector('.form-result').textContent === ''`), shot("form-open"),
		chromedp.SendKeys(chromedp.CSS(`input[name="名称"]`), "参观\r"), handedIn(1), until(shut), follows(t, "after a form"), shot("form-done"),
		chromedp.Click(chromedp.CSS(`.form-end [aria-controls]`)), chromedp.WaitVisible(chromedp.CSS(`input[name="名称"]`)), shot("form-again"),
		chromedp.SendKeys(chromedp.CSS(`input[name="名称"]`), "座谈\r"), chromedp.WaitVisible(chromedp.CSS(`#confirm-yes`)),
		chromedp.Click(chromedp.CSS(`#confirm-dialog button[value="no"]`)), chromedp.WaitNotVisible(chromedp.CSS(`#confirm-dialog`)),
		until(`document.querySelector('input[name="名称"]').value === '参观座谈' && !document.querySelector('.form-body').hidden`))
	if n := len(k.got()); n != 2 {
		t.Errorf("%d events before the second yes", n)
	}
	run(t, ctx, chromedp.SendKeys(chromedp.CSS(`input[name="名称"]`), "\r"), chromedp.Click(chromedp.CSS(`#confirm-yes`)), handedIn(2), until(shut))
	run(t, ctx, chromedp.Reload(), until(`document.querySelector('.form') !== null`), until(shut), handedIn(2))
	if got := k.got(); len(got) != 3 || got[2].Form["名称"] != "参观座谈" {
		t.Errorf("%+v", got)
	}
}

// TestTouch: on a phone everything that can be tapped is at least 44 px high.
func TestTouch(t *testing.T) {
	ctx := browser(t)
	a, k, server := serve(t)
	play(t, a, k)
	k.then = nil
	high := func(where string) step {
		return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			small, err := chromedp.Evaluate[[]string](`[...document.querySelectorAll('button, input, select, textarea, a[href]')]
				.map((e) => [e, e.getBoundingClientRect()]).filter(([, r]) => r.width > 0 && r.height > 0 && (r.height < 44 || r.width < 44))
				.map(([e, r]) => (e.id || e.className) + ' ' + e.textContent.slice(0, 12) + ' ' + r.width + '×' + r.height)`)(ctx, tab)
			if len(small) > 0 {
				t.Errorf("%s: %s", where, strings.Join(small, ", "))
			}
			return err
		})
	}
	run(t, ctx, sizes["phone"], chromedp.Navigate(server.URL+"/"), chromedp.WaitVisible(chromedp.CSS(`.person`)), high("who"),
		chromedp.Navigate("about:blank"), chromedp.Navigate(server.URL+"/#who=林书记&room=private"), until(`document.querySelectorAll('.log:not([hidden]) .msg').length > 5`), high("private"),
		chromedp.Click(chromedp.CSS(`#back`)), chromedp.WaitVisible(chromedp.CSS(`#enter`)), high("rooms"), shot("touch-rooms"),
		chromedp.Click(chromedp.CSS(`#enter`)), chromedp.WaitVisible(chromedp.CSS(`#room-name`)), high("a new room"))
}

func TestLook(t *testing.T) {
	ctx := browser(t)
	a, k, server := serve(t)
	play(t, a, k)
	k.then = nil
	at := func(room string) step { return chromedp.Navigate(server.URL + "/#who=林书记&room=" + room) }
	open := func(room string) step {
		return chromedp.Steps(chromedp.Navigate("about:blank"), at(room), until(`document.querySelector(".log:not([hidden]) .msg") !== null`), until(`document.querySelector('#link').dataset.up === 'true'`))
	}
	fits := chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		wide, err := chromedp.Evaluate[[]string](`[document.documentElement, ...document.querySelectorAll('.log:not([hidden]), .log:not([hidden]) *')]
			.filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && getComputedStyle(e).display !== 'inline' && !e.closest('svg')).map((e) => e.tagName + '.' + e.className)`)(ctx, tab)
		if len(wide) > 0 {
			t.Errorf("too wide: %s", strings.Join(wide, ", "))
		}
		return err
	})
	show := func(what string) step {
		return chromedp.Evaluate[chromedp.Void](`document.querySelector('.log:not([hidden]) ` + what + `').scrollIntoView()`)
	}
	scroll := func(top string) step {
		return chromedp.Evaluate[chromedp.Void](`document.querySelector('.log:not([hidden])').scrollTop = ` + top)
	}
	for _, look := range []string{"light", "dark"} {
		run(t, ctx, chromedp.EmulateViewport(1280, 800), scheme(look),
			chromedp.Navigate(server.URL+"/webchat/icon.svg"), chromedp.Evaluate[chromedp.Void](`sessionStorage.clear()`), chromedp.Navigate(server.URL+"/"), chromedp.WaitVisible(chromedp.CSS(`.person`)), shot(look+"-who"),
			open("光电信息群"), fits, shot(look+"-group"), scroll("0"), shot(look+"-group-top"),
			open("private"), fits, shot(look+"-private"), show(".chart"), shot(look+"-charts"), scroll("0"), shot(look+"-private-top"),
			at("企业服务群"), until(`document.querySelector('.log:not([hidden]) .chip') !== null`), shot(look+"-empty"),
			chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile),
			open("光电信息群"), fits, shot(look+"-phone-group"), scroll("0"), shot(look+"-phone-group-top"),
			open("private"), fits, shot(look+"-phone-private"), scroll("0"), shot(look+"-phone-private-top"), scroll("620"), shot(look+"-phone-private-mid"), show(".chart"), shot(look+"-phone-charts"),
			chromedp.Click(chromedp.CSS(`#back`)), chromedp.WaitVisible(chromedp.CSS(`#rooms`)), shot(look+"-phone-rooms"))
	}
}

// play fills the rooms with a day's talk.
func play(t *testing.T, a *Adapter, k *taker) {
	n := 0
	say := func(who, room, text string) {
		n++
		if err := a.Say(t.Context(), who, room, fmt.Sprint("play-", n), text); err != nil {
			t.Fatal(err)
		}
	}
	reply := func(to bot.Address, r bot.Reply) {
		n++
		deliver(t, a, fmt.Sprint("play-", n), to, r)
	}
	a.conf.People = func(context.Context) ([]Person, error) { return cast, nil }
	now := time.Date(2026, 11, 21, 16, 42, 0, 0, time.FixedZone("Asia/Shanghai", 8*3600))
	a.conf.Now = func() time.Time { now = now.Add(47 * time.Second); return now }
	mine := bot.Address{Platform: Platform, Account: "local", User: "林书记"}
	say("何统筹", "光电信息群", "各位书记，下周的联合主题党日请把时间报一下。")
	say("王工", "光电信息群", "@林书记 你们支部那边先定？我们实验室周三下午、周五下午都空着。\n要是人多，请提前说一声，楼下门禁要登记。")
	say("王工", "光电信息群", "停车可以停在 B 区。")
	now = now.Add(17 * time.Hour)
	say("林书记", "光电信息群", "登记活动 下周三下午2点半 光电产业链参观 地点 省光子技术重点实验室 限30人")
	reply(group, activityReply)
	n++
	if err := a.speak(t.Context(), speech{kind: kindClick, who: "王工", room: "光电信息群", id: fmt.Sprint("play-", n), text: "报名 H27", label: "报名"}); err != nil {
		t.Fatal(err)
	}
	reply(group, bot.Reply{Text: "已报名 H27，1 人(1/30)。提醒：12月1日、当天12:30。", Mention: []bot.UserKey{"王工"}})
	say("赵敏", "光电信息群", "抱名 H27 3人")
	reply(group, bot.Reply{Text: "没看懂“抱名”。您是想 报名 H27 吗？", Mention: []bot.UserKey{"赵敏"}})
	reply(group, bot.Reply{Text: "⏰ 明天 14:30 H27 光电产业链参观，省光子技术重点实验室(楼下集合)", Mention: []bot.UserKey{"林书记"}})
	reply(group, digestReply)
	say("林书记", "", "报诉求 用工 招10名机械工程师")
	reply(mine, needReply)
	say("林书记", "", "再登记一场")
	reply(mine, formReply)
	say("林书记", "", "周报")
	reply(mine, bot.Reply{Card: &bot.Card{Title: "周报 11月16日—11月22日", Tone: bot.Info, Charts: charts}})
	say("林书记", "", strings.Repeat("这是一段很长的话，用来看看折叠以后的样子。", 60))
	reply(mine, bot.Reply{Text: "11月台账已导出，共 128 条。", File: &bot.Attachment{Name: "光电信息产业链党建联合体诉求台账 2026年11月.xlsx", Type: "application/octet-stream", Data: make([]byte, 48213)}})
	reply(mine, lateReply)
}

var cast = []Person{
	{Name: "林书记", Unit: "师大光电学院光科学与技术系党支部", Role: "支部书记"}, {Name: "王工", Unit: "省光子技术重点实验室", Role: "联络员"},
	{Name: "赵敏", Unit: "恒光科技", Role: "党建指导员"}, {Name: "刘HR", Unit: "恒光科技", Role: "企业 HR"},
	{Name: "何统筹", Unit: "高新区党群工作部", Role: "统筹员"}, {Name: "张航", Unit: "高新区人社分局", Role: "承办人"},
}

var activityReply = bot.Reply{Card: &bot.Card{Title: "已登记 H27 光电产业链参观", Tone: bot.Done,
	Sections: []bot.Section{{Facts: []bot.Fact{
		{Label: "时间", Value: "12月2日(周三) 14:30–16:30"}, {Label: "地点", Value: "省光子技术重点实验室"},
		{Label: "主办", Value: "师大光电学院光科学与技术系党支部"}, {Label: "名额", Value: "30"}, {Label: "报名截止", Value: "12月1日(周二) 18:00"},
	}}, {Lines: []string{"提醒：12月1日、当天12:30", "不对？回“改 H27 时间 …”；10分钟内可“撤销”"}}},
	Buttons: []bot.Button{{Label: "报名", Command: "报名 H27"}, {Label: "看名单", Command: "名单 H27"}, {Label: "取消活动", Command: "取消活动 H27", Tone: bot.Danger, Confirm: "取消 H27，已报名的人会收到通知。"}}}}

var digestReply = bot.Reply{Card: &bot.Card{Title: "本周简报 11月16日—11月22日", Tone: bot.Info, Sections: []bot.Section{
	{Heading: "办了", Lines: []string{"H21 联合主题党日 26人 · H24 研究生参观 18人"}},
	{Heading: "将办", Lines: []string{"H27 光电产业链参观 12月2日(周三) 14:30", "H28 政银企下午茶 12月4日(周五) 15:00"}},
	{Heading: "诉求", Facts: []bot.Fact{{Label: "新收", Value: "7 件"}, {Label: "办结", Value: "5 件"}, {Label: "在办", Value: "11 件"}}},
}, Charts: []bot.Chart{{Title: "新收诉求", Unit: "件", Kind: bot.BarChart, Labels: []string{"融资", "用工", "政策", "销售", "技术"}, Series: []bot.Series{{Values: []float64{3, 2, 1, 0, 1}}}}}}}

var needReply = bot.Reply{Card: &bot.Card{Title: "已登记 S158 招10名机械工程师", Tone: bot.Needs,
	Sections: []bot.Section{{Facts: []bot.Fact{{Label: "类别", Value: "用工"}, {Label: "主办", Value: "张航(高新区人社分局)"}, {Label: "首次联系", Value: "11月24日(周二) 12:00 前"}, {Label: "办结", Value: "12月11日(周五) 前"}}}},
	Buttons:  []bot.Button{{Label: "看进度", Command: "进度 S158"}, {Label: "补充说明", Command: "补充 S158"}, {Label: "转给别人", Command: "转 S158"}, {Label: "撤回", Command: "撤回 S158", Tone: bot.Danger, Confirm: "撤回 S158？"}}}}

var formReply = bot.Reply{Text: "可以一次填好：", Card: &bot.Card{Title: "登记活动", Tone: bot.Needs, Form: &bot.Form{Command: "登记活动", Submit: "登记", Fields: []bot.Field{
	{Name: "标题", Label: "活动名称", Kind: bot.LineField, Required: true, Hint: "光电产业链参观"},
	{Name: "时间", Label: "时间", Kind: bot.LineField, Required: true, Hint: "下周三下午2点半"},
	{Name: "五联", Label: "五联", Kind: bot.ChoiceField, Options: []string{"理论联学", "组织联建", "人才联育", "发展联动", "治理联抓"}},
	{Name: "名额", Label: "名额", Kind: bot.NumberField, Hint: "30"}, {Name: "说明", Label: "说明", Kind: bot.TextField},
}}}}

var lateReply = bot.Reply{Card: &bot.Card{Title: "S143 已超期 2 天", Tone: bot.Late, Sections: []bot.Section{{Facts: []bot.Fact{{Label: "事项", Value: "设备进口关税政策咨询"}, {Label: "该办结", Value: "11月20日(周五)"}}}},
	Buttons: []bot.Button{{Label: "申请延期", Command: "延期 S143"}}}}

var charts = []bot.Chart{
	{Title: "新收诉求", Unit: "件", Kind: bot.LineChart, Labels: []string{"W40", "W41", "W42", "W43", "W44", "W45", "W46", "W47"}, Series: []bot.Series{{Name: "新收", Values: []float64{8, 5, 9, 12, 7, 10, 11, 7}}}},
	{Title: "各链在办诉求", Unit: "件", Kind: bot.BarChart, Labels: []string{"光电信息产业链", "生物医药与大健康", "新材料", "高端装备制造", "数字经济"}, Series: []bot.Series{{Values: []float64{11, 8, 3, 6}}}},
	{Title: "收与结", Unit: "件", Kind: bot.BarChart, Labels: []string{"9月", "10月", "11月"}, Series: []bot.Series{{Name: "新收", Values: []float64{31, 36, 28}}, {Name: "办结", Values: []float64{27, 33, 29}}}},
}
