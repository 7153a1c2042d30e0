package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"lianbang/bot"
	"lianbang/consortium"
	"lianbang/storage"
)

// openDatabase opens the database alone, for the operator's tools. They work beside a running bot, and make nothing where
// there is no data.
func openDatabase(ctx context.Context, cli *commands, io console) (*storage.DB, Config, error) {
	cfg, err := cli.load()
	if err != nil {
		return nil, cfg, err
	}
	if err := cfg.holdsData(); err != nil {
		return nil, cfg, err
	}
	app, err := Open(ctx, cfg, Setup{Log: logger(LogConfig{Level: "warn", Format: "text"}, io.err), Progress: newBar(io.err, "数据库升级").migration})
	if err != nil {
		return nil, cfg, err
	}
	return app.DB, cfg, nil
}

// holdsData says that there is no database yet. In PostgreSQL, which is not asked, the key that the first start makes
// stands for it.
func (c *Config) holdsData() error {
	file := filepath.Join(c.Data, "lianbang.db")
	if c.Database.Postgres != "" {
		file = c.keyFile()
	}
	if s, err := os.Stat(file); err == nil && s.Size() > 0 {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if c.Database.Postgres != "" {
		return fmt.Errorf("没有密钥文件 %s，这里还没有数据。在配置的 database.key_file 里写明密钥文件", file)
	}
	return fmt.Errorf("数据目录 %s 里没有数据(没有 lianbang.db)。用 --data 指到 lianbang 的数据目录", c.Data)
}

type migrateCommand struct{}

// Run implements the command migrate.
func (*migrateCommand) Run(ctx context.Context, cli *commands, io console) error {
	cfg, err := cli.load()
	if err != nil {
		return err
	}
	bar := newBar(io.err, "数据库升级")
	n := 0
	app, err := Open(ctx, cfg, Setup{Log: logger(cfg.Log, io.err), Progress: func(p storage.Progress) { n++; bar.migration(p) }})
	bar.done()
	if err != nil {
		return err
	}
	defer app.Close()
	jobs, err := app.jobs(ctx)
	if err != nil {
		return fmt.Errorf("任务库没有升级成功：%w", err)
	}
	if err := jobs.Close(); err != nil {
		return err
	}
	fmt.Fprintf(io.out, "数据库已是最新(本次升级 %d 步)。\n", n)
	return nil
}

type checkCommand struct{}

// Run implements the command check-config.
func (*checkCommand) Run(cli *commands, io console) error {
	cfg, err := cli.load()
	if err != nil {
		return err
	}
	fmt.Fprintln(io.out, "配置没有问题。")
	for _, doubt := range cfg.doubts() {
		fmt.Fprintln(io.out, "提醒："+doubt)
	}
	for _, w := range cfg.WeCom {
		lines, err := w.abilities(cfg.BotName)
		if err != nil {
			return err
		}
		fmt.Fprintln(io.out, strings.Join(lines, "\n"))
	}
	return nil
}

type versionCommand struct{}

// Run implements the command version.
func (*versionCommand) Run(io console) error {
	version, revision, when := "(devel)", "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = s.Value
			case "vcs.time":
				when = s.Value
			}
		}
		fmt.Fprintf(io.out, "lianbang %s %s %s %s\n", version, revision, when, info.GoVersion)
	}
	return nil
}

type outboxCommands struct {
	List   outboxList   `cmd:"" help:"List deliveries."`
	Retry  outboxRetry  `cmd:"" help:"Send deliveries again that are dead, unknown, expired or dropped."`
	Drop   outboxDrop   `cmd:"" help:"Give up deliveries."`
	Resume outboxResume `cmd:"" help:"Let an account send again that its platform refused."`
}

type outboxList struct {
	State string `help:"Only these: new, sending, sent, dead, unknown, expired, dropped. Default: all that need attention." placeholder:"STATE"`
	Twice bool   `help:"Only what may have come more than once: sent again because nobody knows whether it had arrived."`
	Limit int    `default:"100" help:"At most so many of each state."`
	Text  bool   `help:"Show what the messages say."`
}

// Run implements the command outbox list.
func (l *outboxList) Run(ctx context.Context, cli *commands, io console) error {
	all := []string{"new", "sending", "sent", "dead", "unknown", "expired", "dropped"}
	if l.State != "" && !slices.Contains(all, l.State) {
		return fmt.Errorf("--state 没有“%s”这个状态，可以写 %s", l.State, strings.Join(all, "、"))
	}
	if l.State != "" && l.Twice {
		return errors.New("--state 和 --twice 只能写一个")
	}
	if l.Limit < 1 {
		return fmt.Errorf("--limit 要写 1 或更大的整数，这里是 %d", l.Limit)
	}
	db, cfg, err := openDatabase(ctx, cli, io)
	if err != nil {
		return err
	}
	defer db.Close()
	states := []string{l.State}
	if l.State == "" && !l.Twice {
		states = []string{"new", "sending", "unknown", "dead", "expired"}
	}
	found := 0
	for _, state := range states {
		items, err := db.Deliveries(ctx, storage.OutboxFilter{State: state, Doubt: l.Twice, Limit: l.Limit})
		if err != nil {
			return err
		}
		found += len(items)
		for _, it := range items {
			fmt.Fprintf(io.out, "%d\t%s\t%s\t%s\t%s\t尝试%d次\t%s\n", it.ID, it.State, it.Lane, it.Key, it.Created.In(cfg.zone).Format(time.DateTime), it.Attempt, it.Error)
			if l.Text {
				fmt.Fprintln(io.out, "\t"+strings.ReplaceAll(wordsOf(it.Body, cfg.zone), "\n", "\n\t"))
			}
		}
	}
	paused, err := db.Paused(ctx)
	if err != nil {
		return err
	}
	for _, p := range paused {
		fmt.Fprintf(io.out, "账号 %s 从 %s 起暂停发送：%s\n\t改好以后重启，或运行 lianbang outbox resume %s\n", p.Account,
			p.Since.In(cfg.zone).Format(time.DateTime), p.Reason, p.Account)
	}
	switch {
	case found+len(paused) > 0:
	case l.Twice:
		fmt.Fprintln(io.out, "没有可能发了两遍的消息。")
	default:
		fmt.Fprintln(io.out, "没有要处理的消息。")
	}
	return nil
}

// wordsOf is what a delivery says, or does to calendars.
func wordsOf(r bot.Reply, zone *time.Location) string {
	e := r.Entry
	if e == nil {
		return bot.Plain(r)
	}
	what := "日程"
	if e.Cancelled {
		what = "取消日程"
	}
	return fmt.Sprintf("%s %s %s %s，%d 位参加人", what, e.Title, e.Start.In(zone).Format(time.DateTime), e.Place, len(e.Guests))
}

type outboxResume struct {
	Account string `arg:"" help:"Account from outbox list, as feishu/main."`
}

// Run implements the command outbox resume.
func (r *outboxResume) Run(ctx context.Context, cli *commands, io console) error {
	db, _, err := openDatabase(ctx, cli, io)
	if err != nil {
		return err
	}
	defer db.Close()
	paused, err := db.Paused(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(paused, func(p storage.PausedAccount) bool { return p.Account == r.Account }) {
		return fmt.Errorf("账号 %s 没有暂停。暂停了的见 lianbang outbox list", r.Account)
	}
	if err := db.ResumeAccount(ctx, r.Account); err != nil {
		return err
	}
	fmt.Fprintf(io.out, "账号 %s 恢复发送，等着的消息半分钟内开始发出。\n", r.Account)
	return nil
}

type outboxRetry struct {
	ID []int64 `arg:"" help:"Numbers from outbox list."`
}

// Run implements the command outbox retry.
func (r *outboxRetry) Run(ctx context.Context, cli *commands, io console) error {
	return eachDelivery(ctx, cli, io, r.ID, "将重新发送", "能重发的是 dead、unknown、expired、dropped", (*storage.DB).RetryDelivery)
}

type outboxDrop struct {
	ID []int64 `arg:"" help:"Numbers from outbox list."`
}

// Run implements the command outbox drop.
func (d *outboxDrop) Run(ctx context.Context, cli *commands, io console) error {
	return eachDelivery(ctx, cli, io, d.ID, "已放弃", "能放弃的是 new、dead、unknown、expired", (*storage.DB).DropDelivery)
}

func eachDelivery(ctx context.Context, cli *commands, io console, ids []int64, done, which string, do func(*storage.DB, context.Context, int64) error) error {
	db, _, err := openDatabase(ctx, cli, io)
	if err != nil {
		return err
	}
	defer db.Close()
	var failed []error
	for _, id := range ids {
		switch err := do(db, ctx, id); {
		case err == nil:
			fmt.Fprintf(io.out, "%d %s\n", id, done)
		case errors.Is(err, consortium.ErrNotFound):
			failed = append(failed, fmt.Errorf("没有编号 %d 的消息。编号见 lianbang outbox list", id))
		case errors.Is(err, consortium.ErrConflict):
			failed = append(failed, fmt.Errorf("编号 %d 现在的状态不行，%s。状态见 lianbang outbox list", id, which))
		default:
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

type auditCommands struct {
	Verify auditVerify `cmd:"" help:"Walk the hash chain; name the first row that does not fit."`
}

type auditVerify struct{}

// breaks are the reasons of storage.BrokenAudit.
var breaks = phrases(
	`^rows at the end are missing$`, `末尾缺了行`,
	`^the end of the chain does not match`, `链尾和最后一行对不上`,
	`^the row is missing$`, `这一行不见了`,
	`^the row does not follow`, `和前一行接不上`,
	`^the row was changed$`, `内容被改过`,
	`^(.*)$`, `对不上(${1})`,
)

// Run implements the command audit verify.
func (*auditVerify) Run(ctx context.Context, cli *commands, io console) error {
	db, _, err := openDatabase(ctx, cli, io)
	if err != nil {
		return err
	}
	defer db.Close()
	bar := newBar(io.err, "核对审计")
	report, err := db.VerifyAudit(ctx, func(done, total int64) { bar.at(int(done), int(total), "行") })
	bar.done()
	if err != nil {
		return err
	}
	if report.Broken != nil {
		b := report.Broken
		reason, _ := said(breaks, b.Reason)
		return fmt.Errorf("审计日志不完整：第 %d 条链第 %d 行，%s。请对照备份查清楚再继续用", b.Chain, b.Seq, reason)
	}
	fmt.Fprintf(io.out, "审计日志完整：%d 行。\n", report.Rows)
	return nil
}
