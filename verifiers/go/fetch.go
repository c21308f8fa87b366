package dojang

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	fetchTimeout     = 3 * time.Second
	maxKeySetBytes   = 1 << 20
	maxDocumentBytes = 16 << 20
)

type answer struct {
	status int
	etag   string
	body   []byte
}

// get sends one request, with a timeout and a limit for the body.
func get(ctx context.Context, client *http.Client, url string, headers map[string]string, maxBytes int64) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("User-Agent", "dojang-verifier-go/0.1")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBytes+1))
	if err != nil {
		return answer{}, err
	}
	if int64(len(body)) > maxBytes {
		return answer{}, fmt.Errorf("the answer of %s is larger than %d bytes", url, maxBytes)
	}
	return answer{response.StatusCode, response.Header.Get("ETag"), body}, nil
}
