package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decode reads YAML strictly: unknown keys and wrong types are all reported, with their lines.
func decode(text []byte, c *Config) (problems []error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	err := d.Decode(c)
	var all *yaml.TypeError
	switch {
	case err == nil, errors.Is(err, io.EOF):
	case errors.As(err, &all):
		for _, e := range all.Errors {
			problems = append(problems, mistake(e))
		}
	default:
		problems = append(problems, mistake(err.Error()))
	}
	return problems
}

// mistakes are what the YAML decoder says.
var (
	unknownKey   = regexp.MustCompile(`^line (\d+): field (.+) not found in type main\.(\w+)$`)
	wrongType    = regexp.MustCompile("(?s)^line (\\d+): cannot unmarshal !!(\\w+)(?: `(.*)`)? into (.+)$")
	yamlMistakes = phrases(
		`^line (\d+): mapping key "(.+)" already defined at line (\d+)$`, `第${1}行：${2} 在第${3}行已经写过，留一处`,
		`^line (\d+): field (\S+) already set`, `第${1}行：${2} 已经写过，留一处`,
		`^(?:yaml: )?line (\d+): .*cannot start any token`, `第${1}行：有不能这样用的字符。缩进用空格，不用 Tab；含特殊符号的内容加引号`,
		`^(?:yaml: )?line (\d+): `, `第${1}行附近：格式不对。看看缩进是否对齐、冒号后有没有空格、引号和括号是否成对`,
		`^(?:yaml: )?.*(?:UTF-8|UTF-16|control characters)`, `文件的文字编码不对，要存成 UTF-8`,
		`^yaml: `, `文件的格式不对，对照 config.example.yaml 看看`,
	)
)

// mistake is one of them as the operator reads it.
func mistake(text string) error {
	if m := unknownKey.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("第%s行：没有 %s 这个配置项，这里可以写 %s", m[1], m[2], strings.Join(keysOf(reflect.TypeFor[Config](), m[3]), "、"))
	}
	if m := wrongType.FindStringSubmatch(text); m != nil {
		given := kindNames[m[2]]
		if m[3] != "" && !secretive(m[4]) {
			given += " " + m[3]
		}
		return fmt.Errorf("第%s行：这里要写%s，写成了%s", m[1], wanted(m[4]), given)
	}
	if words, ok := said(yamlMistakes, text); ok {
		return errors.New(words)
	}
	return errors.New("格式不对，对照 config.example.yaml 看看：" + text)
}

var kindNames = map[string]string{
	"int": "整数", "float": "小数", "str": "文字", "bool": "开关", "seq": "列表", "map": "一组配置项", "null": "空", "timestamp": "日期", "binary": "二进制内容",
}

// wanted says what a key of that Go type takes.
func wanted(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]main."):
		return "列表，每项以“- ”开头"
	case strings.HasPrefix(goType, "[]"):
		return "列表，例如 [甲, 乙]"
	case strings.HasSuffix(goType, "bool"):
		return " true 或 false"
	case strings.HasSuffix(goType, "int"):
		return "整数"
	case strings.HasSuffix(goType, "string"), strings.HasSuffix(goType, "Secret"):
		return "一段文字"
	}
	return "一组配置项，每行一个"
}

// secretive reports whether what stands in the place of that Go type may be a secret that slipped in there.
func secretive(goType string) bool {
	name := goType[strings.LastIndexAny(goType, ".]")+1:]
	secret := name == reflect.TypeFor[Secret]().Name()
	for _, f := range fieldsOf(reflect.TypeFor[Config](), name) {
		secret = secret || f.Type == reflect.TypeFor[Secret]()
	}
	return secret
}

// keysOf lists the keys of the configuration's type with that name, wherever in t it is.
func keysOf(t reflect.Type, name string) (keys []string) {
	for _, f := range fieldsOf(t, name) {
		keys = append(keys, f.Tag.Get("yaml"))
	}
	return keys
}

// fieldsOf lists the fields with a key of the struct type with that name, wherever in t it is.
func fieldsOf(t reflect.Type, name string) (fields []reflect.StructField) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("yaml") != "" && t.Name() == name {
			fields = append(fields, f)
		}
		inner := f.Type
		if inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if f.IsExported() && inner.Kind() == reflect.Struct {
			fields = append(fields, fieldsOf(inner, name)...)
		}
	}
	return fields
}
