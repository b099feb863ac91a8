package interpreter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// s3Call is an operation of aws-sdk:s3; nil when the sandbox does not have it.
func (r *run) s3Call(action string) taskCall {
	switch action {
	case "getObject":
		return s3Operation(r, (*s3.Client).GetObject)
	case "putObject":
		return s3Operation(r, (*s3.Client).PutObject)
	case "headObject":
		return s3Operation(r, (*s3.Client).HeadObject)
	case "listObjectsV2":
		return s3Operation(r, (*s3.Client).ListObjectsV2)
	case "deleteObject":
		return s3Operation(r, (*s3.Client).DeleteObject)
	case "copyObject":
		return s3Operation(r, (*s3.Client).CopyObject)
	}
	return nil
}

// s3Operation makes a call of the SDK out of a task's arguments, whose members are named as the SDK's.
func s3Operation[In, Out any](
	r *run, operation func(*s3.Client, context.Context, *In, ...func(*s3.Options)) (*Out, error),
) taskCall {
	return func(ctx context.Context, arguments dataflow.Value) (dataflow.Value, *Failure) {
		in := new(In)
		if err := sdkInput(arguments, in); err != nil {
			failure := failuref("S3.SdkClientException", "%v", err)
			return nil, &failure
		}
		out, err := operation(r.s3(), ctx, in)
		if err != nil {
			return nil, s3Failure(err)
		}
		value, err := sdkOutput(reflect.ValueOf(*out))
		if err != nil {
			failure := failuref("S3.SdkClientException", "%v", err)
			return nil, &failure
		}
		return value, nil
	}
}

func (r *run) s3() *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(r.EndpointURL()),
		Region:       r.Region,
		UsePathStyle: true,
		HTTPClient:   r.HTTP,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return sandboxCredentials, nil
		}),
	})
}

// sdkInput fills an SDK input. Body takes a string as it is, and any other value as JSON.
func sdkInput(arguments dataflow.Value, in any) error {
	object, ok := arguments.(*jsonvalue.Object)
	if !ok {
		return errors.New("the arguments of an AWS SDK integration are an object")
	}
	members := jsonvalue.NewObject()
	object.Range(func(name string, value dataflow.Value) bool {
		if name != "Body" {
			members.Set(name, value)
			return true
		}
		reflect.ValueOf(in).Elem().FieldByName("Body").Set(reflect.ValueOf(strings.NewReader(bodyText(value))))
		return true
	})
	return json.Unmarshal(jsonvalue.Encode(members), in)
}

func bodyText(value dataflow.Value) string {
	if text, ok := value.(string); ok {
		return text
	}
	return jsonvalue.Text(value)
}

// sdkOutput is an SDK output as JSON: the members that the service has set, a body as a string.
func sdkOutput(out reflect.Value) (dataflow.Value, error) {
	o := jsonvalue.NewObject()
	for _, field := range reflect.VisibleFields(out.Type()) {
		member := out.FieldByIndex(field.Index)
		if !field.IsExported() || field.Name == "ResultMetadata" || member.IsZero() {
			continue
		}
		value, err := sdkValue(member)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", field.Name, err)
		}
		o.Set(field.Name, value)
	}
	keys := o.Keys()
	slices.Sort(keys)
	sorted := jsonvalue.NewObject()
	for _, key := range keys {
		value, _ := o.Get(key)
		sorted.Set(key, value)
	}
	return sorted, nil
}

func sdkValue(v reflect.Value) (dataflow.Value, error) {
	switch value := v.Interface().(type) {
	case io.ReadCloser:
		defer value.Close()
		body, err := io.ReadAll(io.LimitReader(value, maxResponse))
		return string(body), err
	case *time.Time:
		return value.UTC().Format(time.RFC3339), nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		return sdkValue(v.Elem())
	case reflect.Struct:
		return sdkOutput(v)
	case reflect.Slice:
		return sdkList(v)
	default: // enumerations, numbers, maps of text
		text, err := json.Marshal(v.Interface())
		if err != nil {
			return nil, err
		}
		return jsonvalue.Decode(text)
	}
}

func sdkList(v reflect.Value) (dataflow.Value, error) {
	list := make([]dataflow.Value, v.Len())
	for n := range list {
		value, err := sdkValue(v.Index(n))
		if err != nil {
			return nil, err
		}
		list[n] = value
	}
	return list, nil
}

// s3Exceptions are the error codes for which the SDK has an exception.
var s3Exceptions = map[string]string{
	"NoSuchKey": "NoSuchKeyException", "NotFound": "NoSuchKeyException", "NoSuchBucket": "NoSuchBucketException",
	"InvalidObjectState": "InvalidObjectStateException", "NoSuchUpload": "NoSuchUploadException",
	"BucketAlreadyExists": "BucketAlreadyExistsException", "BucketAlreadyOwnedByYou": "BucketAlreadyOwnedByYouException",
}

func s3Failure(err error) *Failure {
	var api smithy.APIError
	var response *awshttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &response) {
		failure := failuref("S3.SdkClientException", "%v", err)
		return &failure
	}
	name, ok := s3Exceptions[api.ErrorCode()]
	if !ok {
		name = "S3Exception"
	}
	failure := failuref("S3."+name, "%s (Service: S3, Status Code: %d, Request ID: %s, Extended Request ID: %s)",
		api.ErrorMessage(), response.HTTPStatusCode(), response.ServiceRequestID(),
		response.HTTPResponse().Header.Get("X-Amz-Id-2"))
	return &failure
}
