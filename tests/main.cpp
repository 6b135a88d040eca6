#define BOOST_TEST_MODULE charon
#include <boost/test/unit_test.hpp>
