package main

import (
	"fmt"
	"net"
	"net/url"
)

type fakeCommands struct {
	Feishu fakeFeishu `cmd:"" help:"Run a Feishu of one's own on this machine, to rehearse without an account."`
	WeCom  fakeWeCom  `cmd:"" name:"wecom" help:"Run a WeCom of one's own on this machine, to rehearse without an account."`
}

// checkFakeListen refuses what would open a fake platform to other machines.
func checkFakeListen(listen string) error {
	if host, _, err := net.SplitHostPort(listen); err != nil || !loopbackHost(host) {
		return fmt.Errorf("--listen %s: 模拟平台没有任何防护，只能监听本机地址，例如 127.0.0.1:8700", listen)
	}
	return nil
}

// checkPushTo refuses an address that nothing can be pushed to. An empty one is none.
func checkPushTo(flag, address string) error {
	if u, err := url.Parse(address); address != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%s %s: 要写完整的网址，例如 http://127.0.0.1:8080/feishu/main", flag, address)
	}
	return nil
}
