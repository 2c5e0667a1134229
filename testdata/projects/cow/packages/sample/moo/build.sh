#!/bin/bash
set -e
rm -rf virtualenv
virtualenv --without-pip virtualenv
pip install -r requirements.txt --target virtualenv/lib/python3.11/site-packages
