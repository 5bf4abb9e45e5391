package junkie

import (
	"cmp"
	"encoding/json"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// failure reads the vendor's way of saying no. Nothing of it is documented:
// the text has been seen as "error" and as "message", and a plain text or a
// proxy's page must be expected as well.
func failure(answer *transport.Answer) *transport.Failure {
	if answer.StatusCode/100 == 2 && !answer.Denies("success") && !answer.Complains("error", mainParts...) {
		return nil
	}
	f := decodeFailure(answer.Body)
	f.Understood = f.Message != ""
	if !f.Understood && f.Fields == nil {
		f.Message = answer.Words()
	}
	f.RequestID = answer.Header.Get("X-Request-Id")
	return f
}

// mainParts are what answers of success are about. One that says so in plain
// words counts too: whatever its error tells, the call was not refused.
var mainParts = []string{"key", "keys", "folders", "deleted", "success"}

// decodeFailure takes what it understands from a body of any kind.
func decodeFailure(body []byte) *transport.Failure {
	var envelope struct {
		Error   json.RawMessage `json:"error"`
		Message json.RawMessage `json:"message"`
		Details json.RawMessage `json:"details"`
		Code    json.RawMessage `json:"code"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return &transport.Failure{}
	}
	var nested struct {
		Message json.RawMessage `json:"message"`
		Code    json.RawMessage `json:"code"`
	}
	_ = json.Unmarshal(envelope.Error, &nested) // "error" need not be an object
	return &transport.Failure{
		Code:    cmp.Or(wire.Text(envelope.Code), wire.Text(nested.Code)),
		Message: cmp.Or(wire.Text(envelope.Error), wire.Text(nested.Message), wire.Text(envelope.Message), wire.Text(envelope.Details)),
		Fields:  decodeFields(envelope.Details),
	}
}

// decodeFields reads details: a list of objects with field and message, or of
// texts.
func decodeFields(data json.RawMessage) transport.Faults {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		return nil
	}
	var fields transport.Faults
	for _, item := range items {
		var object struct {
			Field   json.RawMessage `json:"field"`
			Message json.RawMessage `json:"message"`
		}
		_ = json.Unmarshal(item, &object) // an item need not be an object
		field := transport.Fault{Field: wire.Text(object.Field), Message: cmp.Or(wire.Text(object.Message), wire.Text(item))}
		if field != (transport.Fault{}) {
			fields = append(fields, field)
		}
	}
	return fields
}
