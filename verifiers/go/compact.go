package dojang

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

var errMalformed = errors.New("malformed")

// unverified holds the header and claims of a compact JWS whose signature has not been checked.
type unverified struct {
	header, claims map[string]any
}

var strict = base64.RawURLEncoding.Strict()

// readCompact parses strictly: canonical base64url, valid UTF-8, and no duplicate member names (RFC 8725).
func readCompact(token string) (unverified, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || strings.ContainsAny(token, "\r\n") {
		return unverified{}, errMalformed
	}
	if _, err := strict.DecodeString(parts[2]); err != nil {
		return unverified{}, errMalformed
	}
	header, err := readObject(parts[0])
	if err != nil {
		return unverified{}, err
	}
	claims, err := readObject(parts[1])
	return unverified{header, claims}, err
}

func readObject(part string) (map[string]any, error) {
	text, err := strict.DecodeString(part)
	if err != nil || !utf8.Valid(text) {
		return nil, errMalformed
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := readValue(decoder, 0)
	if err != nil {
		return nil, errMalformed
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errMalformed
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errMalformed
	}
	return object, nil
}

const maxDepth = 100

// readValue rejects duplicate members, which encoding/json accepts.
func readValue(decoder *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errMalformed
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		object := map[string]any{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			key, ok := name.(string)
			if _, isDuplicate := object[key]; isDuplicate || !ok {
				return nil, errMalformed
			}
			if object[key], err = readValue(decoder, depth+1); err != nil {
				return nil, err
			}
		}
		_, err = decoder.Token()
		return object, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := readValue(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = decoder.Token()
		return list, err
	}
	return token, nil
}

func asNumber(value any) (float64, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	float, err := number.Float64()
	return float, err == nil
}

func asText(value any) string {
	text, _ := value.(string)
	return text
}
