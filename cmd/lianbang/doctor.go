package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lianbang/bot"
)

// examineTime bounds the examination of one account.
const examineTime = time.Minute

type doctorCommands struct {
	Feishu doctorFeishu `cmd:"" help:"Check the accounts on Feishu against the platform, and say what to click for what is missing."`
	WeCom  doctorWeCom  `cmd:"" name:"wecom" help:"Check the accounts on WeCom against the platform, and say what to click for what is missing."`
}

// checkup is the examination of a platform's accounts.
type checkup struct {
	platform string // in Chinese
	key      string // of the configuration
	manual   string
	accounts []examinee
}

// examinee is an account that can be examined.
type examinee struct {
	name     string
	headline string // says what the findings are about
	examine  func(context.Context) []bot.Finding
}

// run examines the account of that name, or all of them when it is "". alone is the flag that was set and is about one
// account only, "" for none. It speaks to the platform only: neither the database nor a running bot is needed.
func (c checkup) run(ctx context.Context, io console, account, alone string) error {
	chosen, err := c.chosen(account, alone)
	if err != nil {
		return err
	}
	missing := 0
	for i, e := range chosen {
		if i > 0 {
			fmt.Fprintln(io.out)
		}
		fmt.Fprintf(io.out, "%s账号 %s：%s\n", c.platform, e.name, e.headline)
		for _, f := range e.within(ctx) {
			fmt.Fprintln(io.out, line(f))
			if !f.OK {
				missing++
			}
		}
	}
	if missing > 0 {
		return fmt.Errorf("%s还有 %d 处要处理，见上面标 ✗ 的各行。改好再运行一次；每一步的说明在 %s", c.platform, missing, c.manual)
	}
	fmt.Fprintln(io.out, "\n没有要改的。标 ! 的请自己对一眼，或者可有可无。")
	return nil
}

// within examines within examineTime.
func (e examinee) within(ctx context.Context) []bot.Finding {
	ctx, stop := context.WithTimeout(ctx, examineTime)
	defer stop()
	return e.examine(ctx)
}

// chosen are the accounts to look at.
func (c checkup) chosen(account, alone string) ([]examinee, error) {
	if len(c.accounts) == 0 {
		return nil, fmt.Errorf("配置里没有%s账号。用 --config 指到配置文件，在 %s 下写一个，写法见 %s", c.platform, c.key, c.manual)
	}
	var names []string
	for _, e := range c.accounts {
		if e.name == account {
			return []examinee{e}, nil
		}
		names = append(names, e.name)
	}
	switch {
	case account != "":
		return nil, fmt.Errorf("--account 没有“%s”这个%s账号，可以写 %s", account, c.platform, strings.Join(names, "、"))
	case alone != "" && len(names) > 1:
		return nil, fmt.Errorf("有几个%s账号，%s 要和 --account 一起用，--account 可以写 %s", c.platform, alone, strings.Join(names, "、"))
	}
	return c.accounts, nil
}

// line is a finding as one line: ✓ is right, ✗ has to be mended, ! is to be looked at or can be done without.
func line(f bot.Finding) string {
	mark := "✗"
	switch {
	case f.OK && f.Do != "":
		mark = "!"
	case f.OK:
		mark = "✓"
	}
	text := mark + " " + f.What
	if f.Detail != "" {
		text += "：" + f.Detail
	}
	if f.Do != "" {
		text += "。" + f.Do
	}
	return strings.ReplaceAll(text, "\n", " ")
}
