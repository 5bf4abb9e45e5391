package junkie

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// detail is what the dialect tells an Error beyond what all vendors have.
type detail struct {
	understood bool // the body was an error object, so the vendor itself said so
	fields     []FieldError
}

// failure reads the vendor's way of saying no. Nothing of it is documented:
// the text has been seen as "error" and as "message", and a plain text or a
// proxy's page must be expected as well.
func failure(answer *transport.Answer) *transport.Failure {
	if answer.StatusCode/100 == 2 && !deniesSuccess(answer.Body) {
		return nil
	}
	f := decodeFailure(answer.Body)
	f.RequestID = answer.Header.Get("X-Request-Id")
	told, _ := f.Detail.(detail)
	for i, field := range told.fields {
		told.fields[i] = FieldError{Field: answer.Redact(field.Field), Message: answer.Redact(field.Message)}
	}
	return f
}

// deniesSuccess reports whether a successful answer says "success": false.
func deniesSuccess(body []byte) bool {
	if !bytes.Contains(body, []byte(`"success"`)) {
		return false // spares nearly every answer a second decoding
	}
	var answer struct {
		Success *bool `json:"success"`
	}
	return json.Unmarshal(body, &answer) == nil && answer.Success != nil && !*answer.Success
}

// decodeFailure takes what it understands from a body of any kind.
func decodeFailure(body []byte) *transport.Failure {
	var envelope struct {
		Error   json.RawMessage `json:"error"`
		Message json.RawMessage `json:"message"`
		Details json.RawMessage `json:"details"`
		Code    json.RawMessage `json:"code"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return &transport.Failure{Message: plainText(body)}
	}
	var nested struct {
		Message json.RawMessage `json:"message"`
		Code    json.RawMessage `json:"code"`
	}
	_ = json.Unmarshal(envelope.Error, &nested) // "error" need not be an object
	f := &transport.Failure{
		Code:    first(text(envelope.Code), text(nested.Code)),
		Message: first(text(envelope.Error), text(nested.Message), text(envelope.Message), text(envelope.Details)),
	}
	told := detail{understood: f.Message != "", fields: decodeFields(envelope.Details)}
	if f.Message == "" && told.fields == nil {
		f.Message = plainText(body)
	}
	f.Detail = told
	return f
}

// decodeFields reads details: a list of objects with field and message, or of
// texts.
func decodeFields(data json.RawMessage) []FieldError {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		return nil
	}
	var fields []FieldError
	for _, item := range items {
		var object struct {
			Field   json.RawMessage `json:"field"`
			Message json.RawMessage `json:"message"`
		}
		_ = json.Unmarshal(item, &object) // an item need not be an object
		field := FieldError{Field: text(object.Field), Message: first(text(object.Message), text(item))}
		if field != (FieldError{}) {
			fields = append(fields, field)
		}
	}
	return fields
}

// text returns a JSON string, and "" for anything else.
func text(data json.RawMessage) string {
	var s string
	if json.Unmarshal(data, &s) != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

func first(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// plainText makes a message of a body that is no error object.
func plainText(body []byte) string {
	if strings.HasPrefix(http.DetectContentType(body), "text/html") {
		return "an HTML page instead of an API answer, perhaps from a proxy"
	}
	return string(body)
}
