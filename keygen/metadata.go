package keygen

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/keysmith-go/keysmith/internal/wire"
)

// encodeMetadata returns metadata as the vendor gets it; nil for none.
func encodeMetadata(metadata map[string]any) (json.RawMessage, error) {
	if metadata == nil {
		return nil, nil
	}
	if err := checkTexts(metadata); err != nil {
		return nil, err
	}
	data, err := wire.JSON(metadata)
	if err != nil {
		return nil, errors.New("has a value that JSON cannot express, such as a function or infinity")
	}
	return data, nil
}

// checkTexts finds texts that would not arrive as they are. Values of other
// types than JSON's own are left to their encoding.
func checkTexts(value any) error {
	switch value := value.(type) {
	case string:
		return checkText(value)
	case []any:
		for _, element := range value {
			if err := checkTexts(element); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, element := range value {
			if err := errors.Join(checkText(name), checkTexts(element)); err != nil {
				return err
			}
		}
	}
	return nil
}

// decodeMetadata returns what is no object as nil.
func decodeMetadata(data json.RawMessage) map[string]any {
	if string(data) == "{}" { // as most have
		return map[string]any{}
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var metadata map[string]any
	if decoder.Decode(&metadata) != nil {
		return nil
	}
	return metadata
}
