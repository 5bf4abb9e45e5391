package clienttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

// Printer collects whatever a program may print, to look for secrets in it.
type Printer struct{ bytes.Buffer }

// everything makes slog leave nothing out.
var everything = &slog.HandlerOptions{Level: slog.LevelDebug - 100, AddSource: true}

// Logger returns a logger that writes to the printer.
func (p *Printer) Logger() *slog.Logger { return slog.New(slog.NewJSONHandler(p, everything)) }

// Show prints v in every way: with each verb of fmt, as JSON, with slog, and in
// a panic.
func (p *Printer) Show(v any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T"} { // %p asks no methods; vet refuses it for structs
		fmt.Fprintf(p, verb+"\n", v)
	}
	fmt.Fprintln(p, v)
	encoded, err := json.Marshal(v)
	p.Write(encoded)
	fmt.Fprintln(p, err)
	for _, handler := range []slog.Handler{slog.NewTextHandler(p, everything), slog.NewJSONHandler(p, everything)} {
		slog.New(handler).Error("seen", "v", v, slog.Group("g", "v", v))
	}
	func() {
		defer func() { fmt.Fprintln(p, recover()) }()
		panic(v)
	}()
}

// Dump prints every string that reflection can reach from v, as careless
// dumpers do, unexported fields included. It does not enter the test's own
// vendor and logger.
func (p *Printer) Dump(v any) { dump(p, reflect.ValueOf(v), map[uintptr]bool{}) }

func dump(w io.Writer, v reflect.Value, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.String:
		fmt.Fprintln(w, v.String())
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Pointer()] && v.Type() != reflect.TypeFor[*Vendor]() && v.Type() != reflect.TypeFor[*slog.Logger]() {
			seen[v.Pointer()] = true
			dump(w, v.Elem(), seen)
		}
	case reflect.Interface:
		dump(w, v.Elem(), seen)
	case reflect.Struct:
		for i := range v.NumField() {
			dump(w, v.Field(i), seen)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			dump(w, v.Index(i), seen)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			dump(w, key, seen)
			dump(w, v.MapIndex(key), seen)
		}
	}
}

// AssertHides asserts that enough was printed, and none of the secrets in any
// form.
func (p *Printer) AssertHides(t testing.TB, secrets ...string) {
	t.Helper()
	text := p.String()
	if len(text) < 10_000 {
		t.Fatalf("only %d bytes were printed: the hunt saw nothing", len(text))
	}
	for _, secret := range secrets {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), strings.Trim(fmt.Sprint([]byte(secret)), "[]")} {
			if at := strings.Index(text, form); at >= 0 {
				t.Fatalf("%q is visible: …%s…", form, text[max(0, at-300):min(len(text), at+100)])
			}
		}
	}
}
