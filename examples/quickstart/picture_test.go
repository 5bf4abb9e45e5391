package main

import (
	"bytes"
	"flag"
	"html"
	"os"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "draw quickstart.svg anew")

const pictureFile = "quickstart.svg"

// line is one line of the terminal in the picture.
type line struct {
	Y          int
	Delay      float64 // seconds before it appears
	Verb, Text string  // Verb is coloured
}

// picture shows a terminal in which the story is told line by line. It holds
// nothing that a page could refuse to show: no script, no font of its own.
var picture = template.Must(template.New(pictureFile).Parse(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {{.Height}}" role="img" xml:space="preserve" aria-label="{{.Label}}">
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d6deeb; animation: appear .01s both; }
.verb { fill: #7fdbca; }
.prompt { fill: #c792ea; }
@keyframes appear { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { text { animation: none; } }
</style>
<rect width="760" height="{{.Height}}" rx="8" fill="#011627"/>
<circle cx="20" cy="18" r="6" fill="#ef5350"/><circle cx="40" cy="18" r="6" fill="#ffca28"/><circle cx="60" cy="18" r="6" fill="#22da6e"/>
<text x="20" y="52"><tspan class="prompt">$</tspan> go run ./examples/quickstart</text>
{{range .Lines}}<text x="20" y="{{.Y}}" style="animation-delay:{{printf "%.1f" .Delay}}s"><tspan class="verb">{{.Verb}}</tspan>{{.Text}}</text>
{{end}}</svg>
`))

// draw makes the picture of the beginning of a story: its first vendor.
func draw(t *testing.T, story string) []byte {
	chapter, _, found := strings.Cut(story, "\nLuaProt\n")
	require.True(t, found, "the chapter of LuaProt")
	const top, height, pause = 76, 20, 0.5
	var lines []line
	for i, text := range strings.Split(chapter, "\n") {
		verb, rest := text, ""
		if len(text) > 12 {
			verb, rest = text[:12], text[12:]
		}
		lines = append(lines, line{Y: top + i*height, Delay: pause * float64(i+1), Verb: html.EscapeString(verb), Text: html.EscapeString(rest)})
	}
	var drawn bytes.Buffer
	require.NoError(t, picture.Execute(&drawn, map[string]any{
		"Height": top + len(lines)*height,
		"Label":  html.EscapeString("What go run ./examples/quickstart prints: " + strings.Join(strings.Fields(chapter), " ")),
		"Lines":  lines,
	}))
	return drawn.Bytes()
}

// The picture in the README shows what the program prints. When that changes:
//
//	go test ./examples/quickstart -update
func TestPictureShowsTheStory(t *testing.T) {
	var told strings.Builder
	require.NoError(t, story(t.Context(), &told))
	drawn := draw(t, told.String())
	if *update {
		require.NoError(t, os.WriteFile(pictureFile, drawn, 0o644))
	}
	shown, err := os.ReadFile(pictureFile)
	require.NoError(t, err)
	assert.Equal(t, string(shown), string(drawn), "draw it anew with -update")
}
