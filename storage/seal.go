package storage

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The rule of sealing: a sealed column holds nothing (an empty value) or one version byte, a random nonce of 12 bytes and
// the AES-256-GCM ciphertext, bound to the name of its column, so that a value cannot be moved to another column. With
// random nonces one key is good for about four thousand million values.

const sealVersion = 1

// sealer seals and opens values. It is safe for concurrent use.
type sealer struct{ aead cipher.AEAD }

func newSealer(key []byte) (*sealer, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("the storage key has %d bytes, it must have 32", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("use the storage key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("use the storage key: %w", err)
	}
	return &sealer{aead}, nil
}

// seal returns plain sealed for a column. What is empty stays empty.
func (s *sealer) seal(column string, plain []byte) []byte {
	if len(plain) == 0 {
		return []byte{}
	}
	out := make([]byte, 1, 1+len(plain)+s.aead.Overhead())
	out[0] = sealVersion
	return s.aead.Seal(out, nil, plain, []byte(column))
}

// sealJSON returns v encoded and sealed for a column, nothing for nil.
func (s *sealer) sealJSON(column string, v any) ([]byte, error) {
	if v == nil {
		return []byte{}, nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", column, err)
	}
	return s.seal(column, data), nil
}

var errSeal = errors.New("the value was sealed with another key or has been changed")

// open is the inverse of seal.
func (s *sealer) open(column string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	if sealed[0] != sealVersion {
		return nil, fmt.Errorf("open %s: unknown seal version %d", column, sealed[0])
	}
	plain, err := s.aead.Open(nil, nil, sealed[1:], []byte(column))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", column, errSeal)
	}
	return plain, nil
}

// readKey finds the key in the options. fresh says that a key file which does not exist may be made.
func readKey(o Options, fresh bool) ([]byte, error) {
	if len(o.Key) > 0 || o.KeyFile == "" {
		return o.Key, nil
	}
	data, err := os.ReadFile(o.KeyFile)
	if errors.Is(err, fs.ErrNotExist) && fresh {
		key := make([]byte, 32)
		rand.Read(key)
		if err := writeKey(o.KeyFile, key); err != nil {
			return nil, fmt.Errorf("write the storage key file: %w", err)
		}
		return key, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("数据库是加密的，密钥文件 %s 不见了。从另存的那一份里恢复它", o.KeyFile)
	}
	if err != nil {
		return nil, fmt.Errorf("read the storage key file: %w", err)
	}
	if len(data) == 32 {
		return data, nil
	}
	text := strings.TrimSpace(string(data))
	if key, err := hex.DecodeString(text); err == nil && len(key) == 32 {
		return key, nil
	}
	if key, err := base64.StdEncoding.DecodeString(text); err == nil && len(key) == 32 {
		return key, nil
	}
	return nil, fmt.Errorf("密钥文件 %s 里不是密钥(32 字节，可写成十六进制或 base64)。从备份里恢复这个文件", o.KeyFile)
}

// writeKey makes a key file that is whole or not there, however the program ends. It does not replace one that exists.
func writeKey(path string, key []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

const sealCheck = "seal.check"

// checkKey makes the sealer and proves that it is the one the database was sealed with.
func (db *DB) checkKey(o Options) error {
	var check string
	err := db.View(background, func(tx *Tx) error {
		var err error
		check, err = tx.Setting(sealCheck)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the key check: %w", err)
	}
	key, err := readKey(o, check == "")
	if err != nil {
		return err
	}
	if len(key) == 0 && check != "" {
		return errors.New("数据库是加密的，没有给密钥。在配置的 database.key_file 里写明当初的密钥文件")
	}
	if len(key) == 0 {
		return errors.New("没有密钥。在配置的 database.key_file 里写明密钥文件，没有就会新建")
	}
	if db.seals, err = newSealer(key); err != nil {
		return err
	}
	if check == "" {
		sealed := base64.StdEncoding.EncodeToString(db.seals.seal(sealCheck, []byte("lianbang")))
		return db.Do(background, func(tx *Tx) error { return tx.putSetting(sealCheck, sealed) })
	}
	sealed, err := base64.StdEncoding.DecodeString(check)
	if err == nil {
		_, err = db.seals.open(sealCheck, sealed)
	}
	if err != nil {
		return errors.New("密钥和数据库对不上。换回建库时的密钥文件，或换一个数据目录")
	}
	return nil
}
