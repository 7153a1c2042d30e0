// Command lianbang is the bot: it serves, and it has small tools for operators.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata"
	"unicode"

	"github.com/alecthomas/kong"
)

// commands is the command line.
type commands struct {
	Config string `help:"Configuration file (YAML). Without one the defaults hold." type:"existingfile" placeholder:"FILE"`
	Data   string `help:"Data folder; overrides the configuration." placeholder:"DIR"`

	Serve       serveCommand   `cmd:"" default:"withargs" help:"Run the bot (the default)."`
	Chat        chatCommand    `cmd:"" help:"Talk with the bot in the terminal, or line by line from a script."`
	Demo        demoCommand    `cmd:"" help:"Load a demonstration zone."`
	Migrate     migrateCommand `cmd:"" help:"Bring the database up to date and stop."`
	CheckConfig checkCommand   `cmd:"" help:"Check the configuration and stop."`
	Outbox      outboxCommands `cmd:"" help:"List, retry or drop messages that did not leave."`
	Audit       auditCommands  `cmd:"" help:"Prove that the audit log is whole."`
	Parse       parseCommands  `cmd:"" help:"See how texts are understood."`
	Version     versionCommand `cmd:"" help:"Print the version."`
}

// console is what a command talks to.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// gcPercent trades some memory for a tenth of the CPU under load; the idle program stays far below its bound.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr}))
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args []string, io console) int {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli, kong.Name("lianbang"), kong.Description("联帮: a chat bot for 党建联合体."),
		kong.Writers(io.out, io.err), kong.Exit(func(code int) { exit = code }), kong.UsageOnError())
	if err != nil {
		complain(io, err)
		return 2
	}
	chosen, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		complain(io, misused(err))
		return 2
	}
	chosen.BindTo(ctx, (*context.Context)(nil))
	if err := chosen.Run(&cli, io); err != nil {
		complain(io, err)
		return 1
	}
	return 0
}

// complain tells the operator what did not work, why, and what to do.
func complain(io console, err error) {
	fmt.Fprintln(io.err, "lianbang:", inChinese(err))
}

// phrase says in Chinese what an error of another part says in English. An error that matches none keeps its words.
type phrase struct {
	english *regexp.Regexp
	chinese string
}

func phrases(pairs ...string) (out []phrase) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, phrase{regexp.MustCompile(`(?s)` + pairs[i]), pairs[i+1]})
	}
	return out
}

// said finds the phrase for a text.
func said(all []phrase, text string) (string, bool) {
	for _, p := range all {
		if m := p.english.FindStringSubmatchIndex(text); m != nil {
			return string(p.english.ExpandString(nil, p.chinese, text, m)), true
		}
	}
	return "", false
}

// troubles are what storage and other commands say to an operator.
var troubles = phrases(
	`the data folder (.+) is in use by a running lianbang \((.*)\)`, `数据目录 ${1} 正由运行中的 lianbang 使用(${2})。先停掉它，或用 --data 换一个目录`,
	`stop the running lianbang first \((.*)\)`, `lianbang 正在运行(${1})。先停掉它，载入演示数据，再启动`,
	`the demonstration is loaded already`, `这个数据目录已经载入过演示数据，不用再载。要重新来，用 --data 换一个空目录`,
	`its key file (.+) is missing`, `数据库是加密的，密钥文件 ${1} 不见了。从和数据库一起做的备份里恢复这个文件`,
	`the storage key file (.+) holds no key`, `密钥文件 ${1} 里不是密钥(32 字节，可写成十六进制或 base64)。从备份里恢复这个文件`,
	`the storage key is not the one`, `密钥和数据库对不上。换回建库时的密钥文件，或换一个数据目录`,
	`no (?:storage )?key was given`, `没有密钥。在配置的 database.key_file 里写明密钥文件`,
	`the database is newer than this program: it has the migration (\S+),`, `数据库比这个程序新(有 ${1})。请用更新的 lianbang 打开它`,
	`the migration (\S+) was changed after`, `升级步骤 ${1} 和这个数据库当初用的不一样。请用原来的 lianbang 打开它`,
	`file is not a database`, `数据目录里的 lianbang.db 不是数据库文件，或已损坏。从备份恢复，或用 --data 换一个目录`,
	`database is locked`, `数据库正被别的程序占用。等它用完再试`,
	`disk is full`, `磁盘满了。清出空间再试`,
	`^webchat: connection closed$`, `和运行中的 lianbang 断开了。确认它还在运行，再说一次`,
	`^webchat: stopping$`, `lianbang 正在停止，这一行没有收下`,
	`^line (\d+): ref: `, `第${1}行：ref 要写成 2026-12-04T15:30:00+08:00 这样的时间`,
	`^line (\d+): `, `第${1}行不是 JSON，要写成 {"id": "1", "text": "…", "ref": "2026-12-04T15:30:00+08:00"}`,
)

// causes are what the operating system says.
var causes = []struct {
	is      error
	chinese string
}{
	{syscall.EADDRINUSE, "地址 %s 已被别的程序占用。换一个端口，或先停掉那个程序"},
	{syscall.EADDRNOTAVAIL, "本机没有地址 %s。换成本机的地址，例如 127.0.0.1:8080"},
	{syscall.ECONNREFUSED, "连不上 %s。确认那里的服务在运行"},
	{fs.ErrNotExist, "找不到 %s。检查路径写得对不对"},
	{fs.ErrPermission, "没有权限使用 %s。检查它的权限，或换一个"},
	{syscall.ENOTDIR, "%s 不是目录。换一个路径"},
	{syscall.EISDIR, "%s 是目录，这里要写文件"},
	{syscall.EROFS, "%s 所在的磁盘只读。换一个可写的目录"},
	{syscall.ENOSPC, "%s 所在的磁盘满了。清出空间再试"},
	{context.DeadlineExceeded, "等得太久，没有做完。稍后再试"},
	{context.Canceled, "被中断，没有做完"},
}

// inChinese is an error as the operator reads it: each cause on a line of its own.
func inChinese(err error) string {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var raw, lines []string
		for _, one := range all.Unwrap() {
			raw, lines = append(raw, one.Error()), append(lines, inChinese(one))
		}
		if strings.Join(raw, "\n") == err.Error() { // of errors.Join
			return strings.Join(lines, "\n")
		}
	}
	text := err.Error()
	if words, ok := said(troubles, text); ok {
		return words
	}
	for _, c := range causes {
		if errors.Is(err, c.is) {
			return strings.ReplaceAll(c.chinese, "%s", object(err))
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return text
	}
	return "没有成功：" + text
}

// object is the file or the address that an error is about.
func object(err error) string {
	var path *fs.PathError
	var link *os.LinkError
	var op *net.OpError
	switch {
	case errors.As(err, &path):
		return path.Path
	case errors.As(err, &link):
		return link.Old
	case errors.As(err, &op) && op.Addr != nil:
		return op.Addr.String()
	}
	return "它"
}

// misuses are what the parser of the command line says.
var misuses = phrases(
	`^unknown flag (\S+), did you mean (?:one of )?(.+)\?$`, `没有 ${1} 这个选项，是不是 ${2}？`,
	`^unknown flag (\S+)$`, `没有 ${1} 这个选项`,
	`^unexpected argument (.+), did you mean (?:one of )?(.+)\?$`, `不认识“${1}”，是不是 ${2}？`,
	`^unexpected argument (.+)$`, `不认识“${1}”`,
	`^missing flags: (.+)$`, `还要写 ${1}`,
	`^expected one of (.+)$`, `后面要写其中一个：${1}`,
	`^expected "<id> \.\.\."`, `后面要写消息的编号，编号见 lianbang outbox list`,
	`^expected "<sentence> \.\.\."`, `后面要写一句话`,
	`^expected "(.+)"$`, `后面要写 ${1}`,
	`^<id> \.\.\.: expected a valid .* but got "(.*)"$`, `编号要写整数，这里是“${1}”。编号见 lianbang outbox list`,
	`^(\S+): expected a valid .* but got "(.*)"$`, `${1} 要写整数，这里是“${2}”`,
	`^(\S+): bool value must be .* but got "(.*)"$`, `${1} 只写选项本身，不用写“${2}”`,
	`^(\S+): expected .* value but got `, `${1} 后面要写内容`,
	`^--config: stat (.+): no such file or directory$`, `找不到配置文件 ${1}`,
	`^--config: stat (.+): permission denied$`, `没有权限读配置文件 ${1}`,
	`^--config: "(.+)" exists but is a directory$`, `${1} 是目录，--config 后面要写配置文件`,
	`^flag (\S+) applies to the default command "(.+)", not "(.+)"$`, `选项 ${1} 只用于 ${2}，不用于 ${3}`,
)

// misused is a mistake on the command line as the operator reads it.
func misused(err error) error {
	words, ok := said(misuses, err.Error())
	if !ok {
		words = "命令写得不对：" + err.Error()
	}
	if !strings.HasSuffix(words, "？") {
		words += "。"
	}
	return errors.New(words + "用法见 lianbang --help")
}

// load reads the configuration that the flags name.
func (c *commands) load() (Config, error) {
	cfg, err := LoadConfig(c.Config)
	if err != nil {
		return cfg, err
	}
	if c.Data != "" {
		cfg.Data = c.Data
	}
	return cfg, nil
}

// logger writes to w as the configuration says.
func logger(c LogConfig, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// terminal reports whether a stream is one.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
