package storage

import "fmt"

var (
	settingGet = sqlText(`SELECT value FROM setting WHERE key = $1`)
	settingAdd = sqlText(`INSERT INTO setting(key, value) VALUES($1, $2) ON CONFLICT(key) DO NOTHING`)
	settingPut = sqlText(`INSERT INTO setting(key, value) VALUES($1, $2) ON CONFLICT(key) DO UPDATE SET value = excluded.value`)
)

type settingValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Setting is "" when unset.
func (tx *Tx) Setting(key string) (string, error) {
	r, ok, err := tx.one(settingGet, key)
	if err != nil {
		return "", fmt.Errorf("read a setting: %w", err)
	}
	if !ok {
		return "", nil
	}
	return r.text(), nil
}

// SetSetting stores a setting, in place of the one there was.
func (tx *Tx) SetSetting(key, value string) error {
	before, err := tx.Setting(key)
	if err != nil || before == value {
		return err
	}
	if err := tx.putSetting(key, value); err != nil {
		return err
	}
	return tx.note("setting", 0, "set", settingValue{key, before}, settingValue{key, value})
}

// KeepSetting stores a setting unless there is one, and returns the one that there is then: of several processes the first one
// decides.
func (tx *Tx) KeepSetting(key, value string) (kept string, err error) {
	n, err := tx.exec(settingAdd, key, value)
	if err != nil {
		return "", fmt.Errorf("store a setting: %w", err)
	}
	if n == 0 {
		return tx.Setting(key)
	}
	return value, tx.note("setting", 0, "set", settingValue{key, ""}, settingValue{key, value})
}

func (tx *Tx) putSetting(key, value string) error {
	if err := tx.run(settingPut, key, value); err != nil {
		return fmt.Errorf("store a setting: %w", err)
	}
	return nil
}
