package main

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
)

// Secret is a string that never shows itself.
type Secret string

// String implements fmt.Stringer.
func (s Secret) String() string {
	if s == "" {
		return "[unset]"
	}
	return "[set]"
}

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return s.String() }

// MarshalText implements encoding.TextMarshaler, for logs and dumps.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = Secret(b)
	return nil
}

// maxSecretFile bounds a file that holds one secret, in bytes.
const maxSecretFile = 64 << 10

// secretKey is a secret that may be given in three ways: itself, in a file, in the environment. The environment wins.
type secretKey struct {
	key      string // path of the key, for complaints; "_file" is added for the file's
	value    *Secret
	file     string
	variable string // of the environment; "" = none
}

// take fills in the secret. A file is read without the space around what it holds.
func (k secretKey) take() error {
	if k.file != "" {
		if *k.value != "" {
			return errors.New(k.key + "：和 " + lastWord(k.key) + "_file 只写一个")
		}
		text, err := readSecret(k.file)
		if err != nil {
			return errors.New(k.key + "_file：" + inChinese(err))
		}
		*k.value = text
	}
	if v, ok := os.LookupEnv(k.variable); ok && k.variable != "" {
		*k.value = Secret(v)
	}
	return nil
}

func lastWord(key string) string { return key[strings.LastIndexAny(key, " .")+1:] }

func readSecret(path string) (Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", err
	}
	switch s := strings.TrimSpace(string(text)); {
	case len(text) > maxSecretFile:
		return "", errors.New(path + " 太大，这个文件里只放一个密钥")
	case s == "":
		return "", errors.New(path + " 是空的，把密钥写进去")
	default:
		return Secret(s), nil
	}
}

// exposed reports whether others than the owner and his group may read a file. Where a system keeps no such bits, nobody may.
func exposed(path string) bool {
	if path == "" || runtime.GOOS == "windows" {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o004 != 0
}
