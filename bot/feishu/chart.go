package feishu

import (
	"encoding/json"
	"strings"

	"lianbang/bot"
)

// chart is a native chart, drawn by VChart (card-json-v2-components/chart).
type chart struct {
	Tag         string    `json:"tag"`
	AspectRatio string    `json:"aspect_ratio"`
	ColorTheme  string    `json:"color_theme"`
	Spec        chartSpec `json:"chart_spec"`
}

type chartSpec struct {
	Type        string       `json:"type"`
	Title       *chartTitle  `json:"title,omitempty"`
	Data        chartData    `json:"data"`
	XField      fields       `json:"xField"`
	YField      string       `json:"yField"`
	SeriesField string       `json:"seriesField,omitempty"`
	Legends     *chartLegend `json:"legends,omitempty"`
	Label       *chartLabel  `json:"label,omitempty"`
}

// fields are the names of one or several properties of the values; one is written without a list.
type fields []string

// MarshalJSON implements json.Marshaler.
func (f fields) MarshalJSON() ([]byte, error) {
	if len(f) == 1 {
		return json.Marshal(f[0])
	}
	return json.Marshal([]string(f))
}

type chartTitle struct {
	Text string `json:"text"`
}

type chartData struct {
	Values []chartValue `json:"values"`
}

type chartValue struct {
	Label  string  `json:"x"`
	Value  float64 `json:"y"`
	Series string  `json:"s"`
}

type chartLegend struct {
	Visible bool   `json:"visible"`
	Orient  string `json:"orient"`
}

type chartLabel struct {
	Visible bool `json:"visible"`
}

func (chart) element() {}

// maxLabelled is how many values a phone can show with their figures beside them.
const maxLabelled = 16

// newChart draws the n-th chart of a card. What is beyond the platform's number of charts, or has nothing to draw, is set as
// text.
func newChart(c bot.Chart, n int) []element {
	values := chartValues(c)
	if n >= maxCharts || len(values) == 0 {
		bars := bot.Bars(c)
		if strings.TrimSpace(bars) == "" {
			return nil
		}
		return []element{newText(bars)}
	}
	spec := chartSpec{Type: "bar", Data: chartData{Values: values}, XField: fields{"x"}, YField: "y"}
	if c.Kind == bot.LineChart {
		spec.Type = "line"
	}
	if title := chartName(c); title != "" {
		spec.Title = &chartTitle{Text: title}
	}
	if len(c.Series) > 1 {
		spec.SeriesField, spec.Legends = "s", &chartLegend{Visible: true, Orient: "bottom"}
		if spec.Type == "bar" {
			spec.XField = append(spec.XField, "s")
		}
	}
	if len(values) <= maxLabelled {
		spec.Label = &chartLabel{Visible: true}
	}
	return []element{chart{Tag: "chart", AspectRatio: "4:3", ColorTheme: "brand", Spec: spec}}
}

func chartName(c bot.Chart) string {
	if c.Unit == "" {
		return c.Title
	}
	return c.Title + "(" + c.Unit + ")"
}

func chartValues(c bot.Chart) (out []chartValue) {
	for _, s := range c.Series {
		for i, label := range c.Labels[:min(len(c.Labels), len(s.Values))] {
			out = append(out, chartValue{Label: label, Value: s.Values[i], Series: s.Name})
		}
	}
	return out
}
