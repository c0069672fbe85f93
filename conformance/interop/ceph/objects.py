"""S3 for the suite: objects.py ENDPOINT ACCESS SECRET put|get BUCKET OBJECT [KEY-NAME]

Put reads the object from standard input; get prints its SHA-256.
"""

import hashlib
import sys

import boto3
from botocore.config import Config

endpoint, access, secret, what, bucket, name = sys.argv[1:7]
s3 = boto3.client(
    "s3",
    endpoint_url=endpoint,
    aws_access_key_id=access,
    aws_secret_access_key=secret,
    region_name="default",
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
)

if what == "put":
    if bucket not in [each["Name"] for each in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=bucket)
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": sys.argv[7]} if len(sys.argv) > 7 else {}
    answer = s3.put_object(Bucket=bucket, Key=name, Body=sys.stdin.buffer.read(), **encryption)
    print(answer.get("ServerSideEncryption"), answer.get("SSEKMSKeyId"))
else:
    print(hashlib.sha256(s3.get_object(Bucket=bucket, Key=name)["Body"].read()).hexdigest())
