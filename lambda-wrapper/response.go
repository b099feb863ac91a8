package wrapper

import "io"

// response passes the handler's answer on and tells when it has gone: aws-lambda-go closes a response after Lambda has
// taken all of it, and before it asks for the next invocation.
type response struct {
	answer io.Reader
	inv    *invocation // which it is a part of
}

func (r *response) Read(p []byte) (int, error) {
	if r.answer == nil {
		return 0, io.EOF
	}
	n, err := r.answer.Read(p)
	if err != nil {
		r.finished(err)
	}
	return n, err
}

// finished ends the span of a stream; that of an answer in memory has ended already.
func (r *response) finished(err error) {
	if err != io.EOF { //nolint:errorlint // as aws-lambda-go, which takes a wrapped EOF for a failure
		r.inv.recordError(describe(err))
	}
	r.inv.end()
}

func (r *response) Close() error {
	defer r.inv.release()
	if closer, ok := r.answer.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// ContentType is the answer's own, or aws-lambda-go's default for those that have none.
func (r *response) ContentType() string {
	if typed, ok := r.answer.(interface{ ContentType() string }); ok {
		return typed.ContentType()
	}
	return "application/octet-stream"
}
