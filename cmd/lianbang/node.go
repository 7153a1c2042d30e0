package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// nodeWord is what the file of the same name in a data folder holds.
var nodeWord = regexp.MustCompile(`^[A-Z2-9]{4}-[A-Z2-9]{4}$`)

// nodeName names the process that works on a data folder in leases and seats, uniquely among those of a cluster: by the
// machine, and by a word that lies in the folder. The next process of the folder has the same name, so that it takes over at
// once what a killed one held, instead of waiting until that runs out.
func nodeName(data string) (string, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	path := filepath.Join(data, "node")
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the node's name: %w", err)
	}
	word := strings.TrimSpace(string(text))
	if !nodeWord.MatchString(word) {
		word = claimCode()
		if err := os.WriteFile(path, []byte(word+"\n"), 0o600); err != nil {
			return "", fmt.Errorf("write the node's name: %w", err)
		}
	}
	return host + "/" + word, nil
}
