package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// InjectSpec puts a fault in place that is written in a line, as the flag of a
// program has it. It has the members of a fault in the control plane's document,
// with commas between them:
//
//	op=junkie.createKey,phase=afterCommit,action=connReset,times=1
//	op=*,action=rateLimited,retryAfter=30s
//	op=keygen.*,action=status,status=503,body={"down":true}
//
// A value that has a comma itself needs the other form, which is the document
// as JSON: {"op":"*","action":"status","status":503,"body":"no, not now"}.
//
// What is wrong with a line is the error, unlike with [Server.Inject]; it does not
// show the body, in which there may be keys. As there,
// the fault is gone after [Server.Reset].
func (s *Server) InjectSpec(spec string) (*Injection, error) {
	document, err := readFaultSpec(spec)
	var i *Injection
	if err == nil {
		i, err = s.putFault(document)
	}
	if err != nil {
		return nil, fmt.Errorf("mockserver: fault %q: %w", core.Clip(shownSpec(spec), maxText), err)
	}
	return i, nil
}

// readFaultSpec reads either form of a line.
func readFaultSpec(spec string) (core.Document, error) {
	if !utf8.ValidString(spec) {
		return core.Document{}, errors.New("it is not in UTF-8")
	}
	spec = strings.TrimSpace(spec)
	if !strings.HasPrefix(spec, "{") {
		var err error
		if spec, err = faultAsJSON(spec); err != nil {
			return core.Document{}, err
		}
	} else if !core.WellFormed([]byte(spec)) {
		return core.Document{}, errors.New("it begins as a JSON document does, but is none")
	}
	return core.ReadDocument([]byte(spec))
}

// faultAsJSON makes a document of a line's members, in their order and as often
// as they are there, so that it is refused for what is wrong with them.
func faultAsJSON(spec string) (string, error) {
	var members []string
	shown := strings.Split(shownSpec(spec), ",")
	for i, part := range strings.Split(spec, ",") {
		name, value, found := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found || name == "" {
			return "", fmt.Errorf("%q is not of the form member=value; a value with a comma in it needs the fault as a JSON document", core.Clip(shown[i], core.MaxName))
		}
		if !isNumber(name, value) {
			value = quote(value)
		}
		members = append(members, quote(name)+":"+value)
	}
	return "{" + strings.Join(members, ",") + "}", nil
}

// shownSpec is a line as an error shows it: without the body, wherever that ends.
func shownSpec(spec string) string {
	if trimmed := strings.TrimSpace(spec); strings.HasPrefix(trimmed, "{") {
		if !core.WellFormed([]byte(trimmed)) {
			return "{" + masked
		}
		return string(rewriteJSON([]byte(trimmed), func(s scalar) (string, bool) {
			return masked, s.kind != memberName && (s.name == bodyMember || !slices.Contains(faultMembers, s.name))
		}))
	}
	parts := strings.Split(spec, ",")
	within := false
	for i, part := range parts {
		name, _, found := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		switch {
		case found && name == bodyMember:
			within, parts[i] = true, bodyMember+"="+masked
		case found && slices.Contains(faultMembers, name):
			within = false
		case within:
			parts[i] = masked
		}
	}
	return strings.Join(parts, ",")
}

func quote(text string) string {
	quoted, _ := json.Marshal(text) // no text fails
	return string(quoted)
}

// bodyMember is that of an answer's body.
const bodyMember = "body"

// faultMembers are the members of a fault, and faultNumbers those that are numbers.
var faultMembers, faultNumbers = func() (names, numbers []string) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[faultDocument]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
		kind := field.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		if kind == reflect.TypeFor[int]() || kind == reflect.TypeFor[int64]() {
			numbers = append(numbers, name)
		}
	}
	return names, numbers
}()

// isNumber reports whether a value is the number that its member wants. Another
// one stays a text, and is refused as such.
func isNumber(name, value string) bool {
	n, err := strconv.ParseInt(value, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == value && slices.Contains(faultNumbers, name)
}
