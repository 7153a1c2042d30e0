package feishutest

// component is what the platform knows of one tag of card JSON 2.0 (card-json-v2-components), besides what stands everywhere.
type component struct {
	required    []string
	props       []string
	texts       []string // properties that hold a text object
	children    []string // properties that hold components
	container   bool
	interactive bool
	loose       bool // its properties are not known here, and not checked
}

var box = []string{"direction", "horizontal_spacing", "horizontal_align", "vertical_spacing", "vertical_align", "padding"}

var components = map[string]component{
	"markdown": {required: []string{"content"}, props: []string{"content", "text_align", "text_size", "icon"}},
	"div":      {props: []string{"text", "fields", "icon", "width"}, texts: []string{"text"}},
	"hr":       {},
	"img": {required: []string{"img_key"}, props: []string{"img_key", "alt", "title", "corner_radius", "scale_type", "size",
		"transparent", "preview"}, texts: []string{"alt", "title"}},
	"column_set": {required: []string{"columns"}, children: []string{"columns"}, container: true,
		props: []string{"columns", "horizontal_spacing", "horizontal_align", "flex_mode", "background_style", "action"}},
	"column": {children: []string{"elements"},
		props: append([]string{"elements", "background_style", "width", "weight", "action"}, box...)},
	"form": {required: []string{"name", "elements"}, children: []string{"elements"}, container: true,
		props: append([]string{"elements", "name"}, box...)},
	"table": {required: []string{"columns", "rows"}, props: []string{"page_size", "row_height", "row_max_height",
		"freeze_first_column", "header_style", "columns", "rows"}},
	"chart": {required: []string{"chart_spec"}, props: []string{"aspect_ratio", "color_theme", "chart_spec", "preview", "height"}},
	"button": {interactive: true, texts: []string{"text", "hover_tips", "disabled_tips"}, props: []string{"type", "size", "width",
		"text", "icon", "hover_tips", "disabled", "disabled_tips", "confirm", "behaviors", "name", "form_action_type", "required"}},
	"input": {interactive: true, texts: []string{"placeholder", "label", "disabled_tips"}, props: []string{"name", "required",
		"placeholder", "default_value", "disabled", "disabled_tips", "width", "behaviors", "max_length", "input_type", "rows",
		"auto_resize", "max_rows", "show_icon", "label", "label_position", "value", "confirm"}},
	"select_static": {interactive: true, texts: []string{"placeholder"}, props: []string{"type", "name", "required", "disabled",
		"initial_option", "initial_index", "placeholder", "width", "behaviors", "options", "confirm"}},
	"date_picker": {interactive: true, texts: []string{"placeholder"}, props: []string{"name", "required", "disabled",
		"initial_date", "placeholder", "width", "value", "behaviors", "confirm"}},
	"picker_time": {interactive: true, texts: []string{"placeholder"}, props: []string{"name", "required", "disabled",
		"initial_time", "placeholder", "width", "value", "behaviors", "confirm"}},
	"picker_datetime": {interactive: true, texts: []string{"placeholder"}, props: []string{"name", "required", "disabled",
		"initial_datetime", "placeholder", "width", "value", "behaviors", "confirm"}},
	"multi_select_static":   {interactive: true, loose: true},
	"select_person":         {interactive: true, loose: true},
	"multi_select_person":   {interactive: true, loose: true},
	"select_img":            {interactive: true, loose: true},
	"overflow":              {interactive: true, loose: true},
	"checker":               {interactive: true, loose: true},
	"person":                {loose: true},
	"person_list":           {loose: true},
	"img_combination":       {loose: true},
	"audio":                 {loose: true},
	"video":                 {loose: true},
	"collapsible_panel":     {children: []string{"elements"}, container: true, loose: true},
	"interactive_container": {children: []string{"elements"}, container: true, loose: true},
}

// removed are the tags that 1.0 had and 2.0 refuses (card-json-v2-breaking-changes-release-notes).
var removed = map[string]bool{"action": true, "note": true}

var (
	everywhere  = []string{"tag", "element_id", "margin"}
	textProps   = []string{"tag", "element_id", "content", "i18n_content", "text_size", "text_color", "text_align", "lines"}
	cardProps   = []string{"schema", "config", "card_link", "header", "body", "fallback"}
	configProps = []string{"streaming_mode", "streaming_config", "summary", "locales", "enable_forward", "update_multi",
		"width_mode", "use_custom_translation", "enable_forward_interaction", "style"}
	headerProps  = []string{"title", "subtitle", "text_tag_list", "i18n_text_tag_list", "template", "icon", "padding"}
	bodyProps    = append([]string{"elements"}, box...)
	templates    = []string{"blue", "wathet", "turquoise", "green", "yellow", "orange", "red", "carmine", "violet", "purple", "indigo", "grey", "default"}
	buttonTypes  = []string{"default", "primary", "danger", "text", "primary_text", "danger_text", "primary_filled", "danger_filled", "laser"}
	flexModes    = []string{"none", "stretch", "flow", "bisect", "trisect"}
	aspectRatios = []string{"1:1", "2:1", "4:3", "16:9"}
	// chartFields are what a chart needs besides data, by its type.
	chartFields = map[string][]string{
		"line": {"xField", "yField"}, "area": {"xField", "yField"}, "bar": {"xField", "yField"}, "scatter": {"xField", "yField"},
		"pie": {"valueField", "categoryField"},
	}
)
