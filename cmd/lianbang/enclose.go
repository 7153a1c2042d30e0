package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"lianbang/bot/webchat"
)

// enclosed is a file that is sent along with a line of the terminal.
type enclosed struct {
	name string
	data []byte
}

// enclosing names files in a line: [图片 合影.jpg] 照片 H27. A path may hold spaces.
var enclosing = regexp.MustCompile(`\[(?:图片|文件) ([^\]]+)\]`)

// readEnclosed takes the files that a line names out of it and reads them.
func readEnclosed(line string) (text string, files []enclosed, err error) {
	for _, m := range enclosing.FindAllStringSubmatch(line, webchat.MaxFiles+1) {
		path := strings.TrimSpace(m[1])
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			return "", nil, fmt.Errorf("找不到文件 %s，这一行没有发出去", path)
		}
		if info.Size() > webchat.MaxFile {
			return "", nil, fmt.Errorf("%s 太大了，一次最多 10 MB", path)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return "", nil, fmt.Errorf("%s 读不了，这一行没有发出去", path)
		}
		files = append(files, enclosed{filepath.Base(path), data})
	}
	return strings.TrimSpace(enclosing.ReplaceAllString(line, "")), files, nil
}

// enclose gives the files to the chat.
func enclose(files []enclosed, to func(name string, data []byte) (webchat.Enclosed, error)) (out []webchat.Enclosed, err error) {
	for _, f := range files {
		e, err := to(f.name, f.data)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}
