package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"regexp"
	"strings"
	"syscall"
	"unicode"

	"lianbang/bot/webchat"
)

// complain tells the operator what did not work, why, and what to do.
func complain(io console, err error) {
	fmt.Fprintln(io.err, "lianbang:", inChinese(err))
}

// causes are errors that have a meaning of their own, whoever reports them.
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
	{webchat.ErrClosed, "和运行中的 lianbang 断开了。确认它还在运行，再说一次"},
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
	for _, c := range causes {
		if errors.Is(err, c.is) {
			return strings.ReplaceAll(c.chinese, "%s", object(err))
		}
	}
	text := err.Error()
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

// phrase says in Chinese what the parser of the command line says in English; it gives nothing but text.
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
	`^expected "<account>"`, `后面要写账号，暂停了的账号见 lianbang outbox list`,
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
